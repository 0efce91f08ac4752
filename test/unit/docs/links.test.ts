import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from '@jest/globals'

const { files } = JSON.parse(readFileSync('package.json', 'utf8'))
/** npm packs these whatever `files` says. */
const packed: readonly string[] = [...files, 'README.md', 'LICENSE', 'package.json']

const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' })
const pages = ['README.md', 'CHANGELOG.md', ...docs.map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
)

interface Link {
  readonly page: string
  readonly file: string
  readonly anchor: string
}

function linksOf(page: string): Link[] {
  const prose = readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```$/gm, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor = ''] = target.split('#')
      return { page, file: path ? normalize(join(dirname(page), path)) : page, anchor }
    })
}

/** The anchors that a Markdown viewer gives to headings; a title that comes again gets a number. */
function anchorsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  const titles = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => slugOf(title))
  const numbered = titles.map((slug, index) => {
    const before = titles.slice(0, index).filter((other) => other === slug).length
    return before > 0 ? `${slug}-${before}` : slug
  })
  return [...numbered, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)]
}

function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-')
}

const links = pages.flatMap(linksOf)

describe('the documents', () => {
  test('have been read', () => {
    expect(links.length).toBeGreaterThan(30)
    expect(links.some(({ anchor }) => anchor)).toBe(true)
  })
  test('link to files that exist and are packed', () => {
    const broken = links.filter(
      ({ file }) =>
        !existsSync(file) ||
        !packed.some((entry) => file === entry || file.startsWith(`${entry.replace(/\/$/, '')}/`)),
    )
    expect(broken).toEqual([])
  })
  test('link to headings that exist', () => {
    const broken = links.filter(({ file, anchor }) => anchor && !anchorsOf(file).includes(anchor))
    expect(broken).toEqual([])
  })
})
