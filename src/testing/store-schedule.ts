import { memoryStore } from '../idempotency/memory-store.js'
import type { IdempotencyStore } from '../idempotency/store.js'
import { clock } from './clock.js'
import { expectSame, type StoreTrial } from './store-trial.js'

/** One call, on one of a few keys by one of a few tokens, or a pause in which every short lease and ttl runs out. */
export interface StoreStep {
  readonly method: 'claim' | 'commit' | 'release' | 'lapse'
  readonly key: string
  readonly token: string
  /** Does the lease or the ttl run out in the next pause? */
  readonly isShort: boolean
}

const LONG = 1000

/** Plays one schedule against the store and against `memoryStore`, whose clock moves with the store's; throws at the first answer that differs. */
export async function playSchedule(trial: StoreTrial, steps: readonly StoreStep[]): Promise<void> {
  const now = clock()
  const memory = memoryStore({ now })
  for (const [place, step] of steps.entries()) {
    const found = await play(trial.store, step, trial)
    const expected = await play(memory, step, trial)
    expectSame(`step ${place + 1} of ${describe(steps.slice(0, place + 1))}`, found, expected)
    if (isPause(step)) {
      await trial.lapse()
      now.advance(trial.lease * 1.5)
    }
  }
}

// A short lease is followed by a pause at once: a slow machine must not let it run out a step earlier.
function isPause({ method, isShort }: StoreStep): boolean {
  return method === 'lapse' || (isShort && method !== 'release')
}

async function play(store: IdempotencyStore, step: StoreStep, trial: StoreTrial): Promise<unknown> {
  const { method, token, isShort } = step
  const [key, time] = [trial.key(step.key), isShort ? trial.lease : LONG]
  const digest = `of+body/${token}`
  if (method === 'claim') {
    const result = await store.claim(key, { token, lease: time, digest })
    const kept = trial.digest && 'digest' in result ? ` ${result.digest}` : ''
    return result.state + kept
  }
  if (method === 'commit') return store.commit(key, { token, ttl: time, digest })
  if (method === 'release') await store.release(key, { token })
  return undefined
}

function describe(steps: readonly StoreStep[]): string {
  const words = steps.map(({ method, key, token, isShort }) =>
    method === 'lapse' ? method : `${method} ${key} by ${token}${isShort ? ', briefly' : ''}`,
  )
  return `[${words.join(' | ')}]`
}

/** A schedule that is random, and the same for the same seed. */
export function randomSchedule(length: number, seed: number): readonly StoreStep[] {
  const random = mulberry32(seed)
  const pick = <T>(...values: readonly [T, ...T[]]): T =>
    values[Math.floor(random() * values.length)] ?? values[0]
  return Array.from({ length }, () => ({
    method: pick('claim', 'claim', 'commit', 'release'),
    key: pick('x', 'y'),
    token: pick('a', 'b', 'c'),
    isShort: random() < 0.12,
  }))
}

export async function agreesWithMemory(trial: StoreTrial, length: number): Promise<void> {
  await playSchedule(trial, randomSchedule(length, 20_260_101))
}

/** A small random generator with a seed, so that a failure comes back. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
