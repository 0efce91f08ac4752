import { readdirSync, readFileSync } from 'node:fs'

/** One TypeScript example of a page. */
export interface Block {
  /** The page and the place of the example on it, as a file name: `docs-rotation-2`. */
  readonly name: string
  readonly code: string
}

/** Examples that another suite compiles and runs to the letter, or that cannot stand alone, with the reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'docs-adapters-2': 'is examples/h3/verify-webhook.ts; test/unit/docs compares the two',
}

/** The pages that are written by hand; `docs/api` is generated. */
export function pages(): string[] {
  const docs = readdirSync('docs').filter((name) => name.endsWith('.md'))
  return ['README.md', ...docs.map((name) => `docs/${name}`)]
}

export function blocksOf(page: string): Block[] {
  const text = readFileSync(page, 'utf8')
  const name = page.replace(/\.md$/, '').replaceAll('/', '-')
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
    .map(([, code = ''], index) => ({ name: `${name}-${index + 1}`, code }))
    .filter((block) => !(block.name in EXCEPTIONS))
}

/** Jest runs what calls `test`; everything else is a module that is imported. */
export function isTest({ code }: Block): boolean {
  return /^test\(/m.test(code)
}
