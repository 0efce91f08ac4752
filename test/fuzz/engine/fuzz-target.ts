import type { Subjects, Target } from '../target.js'
import type { Coverage } from './coverage.js'
import { assertPrototypes, Find, textsOf } from './find.js'
import { overLinear, pumped } from './growth.js'
import type { Json } from './json.js'
import { createMutator } from './mutate.js'
import type { Random } from './random.js'
import { shrink } from './shrink.js'

export interface FuzzSettings {
  readonly subjects: Subjects
  readonly coverage: Coverage
  readonly random: Random
  /** Inputs of earlier runs. */
  readonly corpus: readonly Json[]
  /** When to stop, by `performance.now()`. */
  readonly until: number
  readonly onProgress: (outcome: Outcome) => void
  /** Called before inputs run, so that one that never ends can be found. */
  readonly onInputs: (inputs: readonly Json[]) => void
}

export interface Outcome {
  readonly executions: number
  /** Inputs that reached code that none had reached before. */
  readonly kept: readonly Json[]
  readonly finds: readonly Found[]
}

export interface Found {
  readonly rule: string
  readonly message: string
  readonly input: Json
}

const BATCH = 40
// WebCrypto and sockets let this thread wait.
const SIDE_BY_SIDE = 8
const PUMP_EVERY = 150
// Only an input that waits for nothing gets there, however busy the machine is.
const LONGEST = 120_000

/** Runs a target until the time is over. One find of each rule is enough. */
export async function fuzzTarget(target: Target, settings: FuzzSettings): Promise<Outcome> {
  const { subjects, coverage, random, until, onProgress, onInputs } = settings
  const { mutate } = createMutator(random, target.dictionary)
  const pool: Json[] = [...target.seeds, ...settings.corpus]
  const kept: Json[] = []
  const finds: Found[] = []
  const rules = new Set<string>()
  const first = pool.length
  let executions = 0

  async function run(input: Json): Promise<void> {
    executions++
    await within(target.run(input, subjects))
    assertPrototypes()
  }
  async function attempt(input: Json): Promise<void> {
    await run(input).catch((error) => found(input, toFind(error)))
  }
  async function found(input: Json, find: Find): Promise<void> {
    if (rules.has(find.rule)) return
    rules.add(find.rule)
    const smallest = await shrink(input, (smaller) =>
      run(smaller).then(
        () => false,
        (error) => toFind(error).rule === find.rule,
      ),
    )
    const message = await run(smallest).then(
      () => find.message,
      (error) => toFind(error).message,
    )
    finds.push({ rule: find.rule, message, input: smallest })
  }
  /** Coverage is read after many inputs at once. If there is news, each runs again alone, and those that bring it are kept. */
  async function runBatch(inputs: readonly Json[], isSeed = false): Promise<void> {
    for (let i = 0; i < inputs.length; i += SIDE_BY_SIDE) {
      const group = inputs.slice(i, i + SIDE_BY_SIDE)
      onInputs(group)
      await Promise.all(group.map(attempt))
    }
    const all = coverage.take()
    if (all.length === 0) return
    for (const input of inputs) {
      await run(input).catch(() => {})
      const news = coverage.take()
      coverage.know(news)
      if (news.length > 0 && !isSeed) kept.push(input)
    }
    coverage.know(all)
    pool.push(...kept.slice(pool.length - first))
  }
  async function pump(input: Json): Promise<void> {
    const pair = target.isTimed === false ? undefined : pumped(input, random)
    if (!pair) return
    onInputs(pair)
    const ratio = await overLinear(pair, (large) => run(large).catch(() => {}))
    if (ratio === undefined) return
    await found(
      pair[0],
      new Find('linear time', `8 times the input takes ${Math.round(ratio)} times as long`),
    )
  }

  await runBatch([...pool], true)
  while (performance.now() < until) {
    const inputs = Array.from({ length: BATCH }, () => mutate(random.pick(pool), random.pick(pool)))
    await runBatch(inputs)
    if (random.below(PUMP_EVERY) < BATCH) await pump(random.pick(pool))
    onProgress({ executions, kept, finds })
  }
  await target.close?.()
  return { executions, kept, finds }
}

function toFind(error: unknown): Find {
  if (error instanceof Find) return error
  return new Find('only typed errors', textsOf(error))
}

async function within(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Find('it ends', `no end within ${LONGEST} ms`)), LONGEST)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
