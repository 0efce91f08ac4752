import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { STATUS } from 'countersign/http'
import { CATALOGUE } from '../../../src/diagnose/catalogue.js'

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

test('every cause says what is wrong and what to do, in whole sentences', () => {
  for (const { explanation, fix } of Object.values(CATALOGUE)) {
    expect(explanation).toMatch(/^[A-Z].*[.)]$/)
    expect(fix).toMatch(/^[A-Z].*[.)]$/)
  }
})
