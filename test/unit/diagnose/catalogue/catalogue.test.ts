import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { STATUS } from 'countersign/http'
import { CATALOGUE } from '../../../../src/diagnose/catalogue/catalogue.js'

const page = readFileSync('docs/troubleshooting.md', 'utf8')
const headings = [...page.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading)

test('the page has one heading for every code and every cause, and no other', () => {
  const codes = new Set([...Object.keys(STATUS), ...Object.keys(CATALOGUE)])
  expect([...headings].sort()).toEqual([...codes].sort())
})

test('links on the page lead to its headings', () => {
  const links = [...page.matchAll(/\]\(#([a-z0-9_]+)\)/g)].map(([, link]) => link)
  expect(links.length).toBeGreaterThan(0)
  for (const link of links) expect(headings).toContain(link)
})

/** The text under the heading of a cause. */
function sectionOf(cause: string): string {
  const section = page.split(`\n### ${cause}\n`)[1]?.split(/\n##/)[0] ?? ''
  // Markdown would take it for a tag.
  return section.replaceAll('\\<', '<')
}

test.each(Object.entries(CATALOGUE))(
  'the page says of %s what diagnose says',
  (cause, [explanation, fix]) => {
    // What a verifier answers has its own words on this page.
    if (cause in STATUS) return
    expect(sectionOf(cause)).toContain(`\n${explanation}\n`)
    expect(sectionOf(cause)).toContain(`\n**Fix.** ${fix}\n`)
  },
)

test('one cause for each fix, and no more than can be kept in mind', () => {
  expect(Object.keys(CATALOGUE).length).toBeLessThanOrEqual(45)
})

test('every cause says what is wrong and what to do, in whole sentences', () => {
  for (const [explanation, fix] of Object.values(CATALOGUE)) {
    expect(explanation).toMatch(/^[A-Z].*[.)]$/)
    expect(fix).toMatch(/^[A-Z].*[.)]$/)
  }
})
