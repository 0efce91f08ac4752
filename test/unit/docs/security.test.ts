import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'

const page = readFileSync('docs/security.md', 'utf8')

/** The rows of all tables, without their heads. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.endsWith('| held by |'))
  .map((line) => line.slice(2, -2).split(' | '))

/** `` `test/…` “part of a test's name” ``, as often as a claim needs. */
function proofsOf(cell: string): { file: string; name: string }[] {
  return [...cell.matchAll(/`(test\/[^`]+)` “([^”]+)”/g)].map(([, file = '', name = '']) => ({
    file,
    name,
  }))
}

/** The text of a test file, or of every file of a folder. */
function sourceOf(file: string): string {
  if (!existsSync(file)) return ''
  if (/\.\w+$/.test(file)) return readFileSync(file, 'utf8')
  const names = readdirSync(file, { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => /\.m?[tj]s$/.test(name))
    .map((name) => readFileSync(`${file}/${name}`, 'utf8'))
    .join('\n')
}

describe('docs/security.md', () => {
  test('has been read', () => {
    expect(rows.length).toBeGreaterThan(15)
  })
  test.each(rows.map((cells) => [cells[0] ?? '', cells.at(-1) ?? '']))(
    '%s: names the test that holds it',
    (_claim, cell) => {
      const proofs = proofsOf(cell)
      expect(proofs.length).toBeGreaterThan(0)
      for (const { file, name } of proofs) {
        const source = sourceOf(file)
        expect(source.length).toBeGreaterThan(0)
        expect(source).toContain(name)
      }
    },
  )
})
