import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseWanted, type Wanted } from './arguments.js'
import { readCorpus, writeCorpus } from './corpus.js'
import { createCoverage } from './engine/coverage.js'
import { assertPrintable } from './engine/find.js'
import { type Found, fuzzTarget, type Outcome } from './engine/fuzz-target.js'
import { createRandom } from './engine/random.js'
import { createWatchdog } from './engine/watchdog.js'
import type { Subjects, Target } from './target.js'
import { TARGETS } from './targets/index.js'

const FINDS = 'test/fuzz/.build/finds'

/** Fuzzes and resolves to the exit code. */
export async function main(args: readonly string[], subjects: Subjects): Promise<number> {
  const wanted = parseWanted(args)
  const targets = TARGETS.filter(
    ({ name }) => wanted.target === undefined || name === wanted.target,
  )
  if (targets.length === 0) {
    const names = TARGETS.map(({ name }) => name).join(', ')
    throw new TypeError(`there is no target ${wanted.target}; the targets are: ${names}`)
  }
  if (wanted.input !== undefined) return runOne(targets, wanted.input, subjects)
  return runAll(targets, wanted, subjects)
}

/** Runs one input, as a find names it. */
async function runOne(
  [target]: readonly Target[],
  file: string,
  subjects: Subjects,
): Promise<number> {
  try {
    await target?.run(JSON.parse(readFileSync(file, 'utf8')), subjects)
    console.log('the input keeps every rule')
    return 0
  } catch (error) {
    console.error(error)
    return 1
  } finally {
    await target?.close?.()
  }
}

async function runAll(
  targets: readonly Target[],
  wanted: Wanted,
  subjects: Subjects,
): Promise<number> {
  const { minutes, seed } = wanted
  console.log(`seed ${seed}, ${minutes} minutes, ${targets.length} targets`)
  const watchdog = createWatchdog()
  const coverage = createCoverage('subject-')
  // What the package logs is also printed.
  for (const name of ['warn', 'error', 'log'] as const) watchConsole(name)
  const share = (minutes * 60_000) / targets.length
  let finds = 0
  let executions = 0
  for (const target of targets) {
    const corpus = readCorpus(target.name)
    const outcome = await fuzzTarget(target, {
      subjects,
      coverage,
      corpus,
      random: createRandom(seed),
      until: performance.now() + share,
      onInputs: (inputs) => watchdog.onInputs(target.name, inputs),
      onProgress: progressOf(target.name),
    })
    printOutcome(target.name, outcome, seed)
    if (wanted.keep) writeCorpus(target.name, [...corpus, ...outcome.kept])
    finds += outcome.finds.length
    executions += outcome.executions
  }
  watchdog.stop()
  process.stdout.write(`\nfuzz: ${executions} executions, ${finds} finds, seed ${seed}\n`)
  return finds === 0 ? 0 : 1
}

function watchConsole(name: 'warn' | 'error' | 'log'): void {
  console[name] = (...words: readonly unknown[]) => assertPrintable(words.map(String).join(' '))
}

const EVERY = 5_000

/** A line every few seconds. */
function progressOf(name: string): (outcome: Outcome) => void {
  let last = performance.now()
  return (outcome) => {
    if (performance.now() - last < EVERY) return
    last = performance.now()
    process.stdout.write(`  ${name}: ${summaryOf(outcome)}\n`)
  }
}

function summaryOf({ executions, kept, finds }: Outcome): string {
  return `${executions} executions, ${kept.length} inputs reached new code, ${finds.length} finds`
}

function printOutcome(name: string, outcome: Outcome, seed: number): void {
  process.stdout.write(`${name}: ${summaryOf(outcome)}\n`)
  for (const find of outcome.finds) printFind(name, find, seed)
}

function printFind(name: string, { rule, message, input }: Found, seed: number): void {
  mkdirSync(FINDS, { recursive: true })
  const file = join(FINDS, `${name}-${rule.replace(/\W+/g, '-')}.json`)
  writeFileSync(file, JSON.stringify(input))
  const lines = [
    `FIND in ${name}: ${rule} (seed ${seed})`,
    `  ${message.slice(0, 2_000).replaceAll('\n', '\n  ')}`,
    `  input: ${JSON.stringify(input).slice(0, 2_000)}`,
    `  again: npm run fuzz -- --target ${name} --input ${file}`,
  ]
  process.stderr.write(`${lines.join('\n')}\n`)
}
