import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Json } from './engine/json.js'

const FOLDER = 'test/fuzz/corpus'
/** Longer inputs are no examples, and the corpus stays small. */
const LONGEST = 2_000
const MOST = 200

/** The inputs that earlier runs kept. */
export function readCorpus(target: string): Json[] {
  const file = join(FOLDER, `${target}.json`)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []
}

/** One input a line, each once, the shortest first. */
export function writeCorpus(target: string, inputs: readonly Json[]): void {
  const lines = [...new Set(inputs.map((input) => JSON.stringify(input)))]
    .filter((line) => line.length <= LONGEST)
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
    .slice(0, MOST)
  writeFileSync(join(FOLDER, `${target}.json`), `[\n${lines.join(',\n')}\n]\n`)
}
