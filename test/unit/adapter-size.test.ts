import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'

const MOST = 80
const MEDIAN = 60

/** The lines that are neither blank nor a comment nor an import nor part of a type declaration. */
function codeLines(source: string): string[] {
  const statements = source
    .replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
    .replace(/^import\b[\s\S]*?from '[^']+'$/gm, '')
    // Every statement at the top level begins in the first column.
    .split(/\n(?=[a-z])/)
  const code = statements.filter(
    (text) => !/^(export )?(interface|type|declare)\b/.test(text.trim()),
  )
  return code.flatMap((text) => text.split('\n')).filter((line) => line.trim() !== '')
}

const sizes = readdirSync('adapters').map(
  (file) => [file, codeLines(readFileSync(`adapters/${file}`, 'utf8')).length] as const,
)

describe('an adapter is translation only', () => {
  test.each(sizes)('%s has at most 80 lines of code', (_file, lines) => {
    expect(lines).toBeLessThanOrEqual(MOST)
  })
  test('half of the adapters have at most 60', () => {
    const small = sizes.filter(([, lines]) => lines <= MEDIAN)
    expect(small.length).toBeGreaterThan(sizes.length / 2)
  })
  test('types, imports and comments do not count', () => {
    const source = `import {
  type A,
} from 'a'

declare module 'b' {
  interface B {}
}
/** C */
export type C =
  | A
  | B

// biome-ignore lint: because
export interface D {
  d: string
}
export function e(): void {
  // why
  f()
}
`
    expect(codeLines(source)).toEqual(['export function e(): void {', '  f()', '}'])
  })
})
