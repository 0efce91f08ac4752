import {
  importMacKey,
  importPublicKey,
  type MacKey,
  mac,
  type PublicKey,
  verifySignature,
} from '#crypto'
import { type Awaitable, isThenable } from '../awaitable.js'
import { concatBytes, encodeBase64, encodeUtf8 } from '../bytes.js'
import { type Change, mergeChanges, type Variant } from './finding.js'
import type { Prefix } from './prefix-variants.js'
import type { KeyBytes } from './secret-variants.js'
import type { Readings } from './signature-readings.js'

/** What the signature may be over, by which key, and how it may be written. */
export interface SearchSpace {
  readonly prefixes: readonly Variant<Prefix>[]
  readonly keys: readonly Variant<KeyBytes>[]
  readonly bodies: readonly Variant<Uint8Array>[]
  readonly readings: Readings
}

type Trial = (prefix: string, body: Uint8Array) => Awaitable<Variant<string> | undefined>

/** Bounds the work of one search. */
interface Budget {
  trials: number
  bytes: number
}

// In trials with HMAC-SHA256, roughly.
const COST: Readonly<Record<string, number>> = {
  Ed25519: 20,
  'SHA-1': 4,
  'SHA-384': 4,
  'SHA-512': 4,
}
const MAX_TRIALS = 15_000
const MAX_BYTES = 64 * 1024 * 1024

/** The fewest changes under which the signature matches; none where it matches as it is, `undefined` where nothing does. */
export async function search(
  space: SearchSpace,
  maxChanges: number,
): Promise<readonly Change[] | undefined> {
  if (space.readings.list.length + space.readings.cut.length === 0) return undefined
  const budget = { trials: MAX_TRIALS, bytes: MAX_BYTES }
  const keys = space.keys.map(({ value, changes }) => ({
    changes,
    value: {
      guess: value.guess,
      cost: COST[value.algorithm] ?? 1,
      run: lazyTrial(value, space.readings),
    },
  }))
  for (let count = 0; count <= maxChanges; count++) {
    for (const key of keys.filter(({ changes }) => changes.length <= count)) {
      const found = await searchBodies(space, key, count - key.changes.length, budget)
      if (found) return mergeChanges(found)
    }
    if (budget.trials <= 0 || budget.bytes <= 0) return undefined
  }
  return undefined
}

type Key = Variant<{ guess: true | undefined; cost: number; run: () => Promise<Trial> }>

/** Everything that takes `count` changes besides those of the key. */
async function searchBodies(
  { prefixes, bodies }: SearchSpace,
  key: Key,
  count: number,
  budget: Budget,
): Promise<readonly Change[] | undefined> {
  if (key.value.guess && count > 0) return undefined
  let trial: Trial | undefined
  for (const body of bodies) {
    const rest = count - body.changes.length
    if (rest < 0) continue
    for (const prefix of prefixes) {
      if (prefix.changes.length !== rest) continue
      budget.trials -= key.value.cost
      budget.bytes -= body.value.length
      if (budget.trials <= 0 || budget.bytes <= 0) return undefined
      trial ??= await key.value.run()
      const tried = trial(prefix.value.text, body.value)
      const reading = isThenable(tried) ? await tried : tried
      if (reading) return [...key.changes, ...body.changes, ...prefix.changes, ...reading.changes]
    }
  }
  return undefined
}

/** Imports a key when it is first needed. */
function lazyTrial(key: KeyBytes, readings: Readings): () => Promise<Trial> {
  let trial: Promise<Trial> | undefined
  return () => {
    trial ??= createTrial(key, readings)
    return trial
  }
}

async function createTrial({ algorithm, bytes }: KeyBytes, readings: Readings): Promise<Trial> {
  if (algorithm === 'Ed25519') return publicKeyTrial(await importPublicKey(bytes), readings)
  if (algorithm !== 'SHA-256') return otherHashTrial(algorithm, bytes, readings)
  return macTrial(await importMacKey(bytes), readings)
}

function macTrial(key: MacKey, readings: Readings): Trial {
  return (prefix, body) => {
    const expected = mac(key, prefix, body)
    return isThenable(expected)
      ? expected.then((mac) => readingOf(mac, readings))
      : readingOf(expected, readings)
  }
}

function readingOf(mac: string, { list, cut }: Readings): Variant<string> | undefined {
  const whole = list.find(({ value }) => value === mac)
  if (whole || !cut.some((start) => mac.startsWith(start))) return whole
  return { value: '', changes: [{ code: 'signature_truncated' }] }
}

function publicKeyTrial(key: PublicKey, { list }: Readings): Trial {
  const signatures = list.filter(({ value }) => value.length === 88)
  return async (prefix, body) => {
    for (const reading of signatures) {
      if (await verifySignature(key, reading.value, prefix, body)) return reading
    }
    return undefined
  }
}

/** Not a scheme of ours, so not among the primitives: WebCrypto has it on every runtime. */
async function otherHashTrial(hash: string, bytes: Uint8Array, readings: Readings): Promise<Trial> {
  const { subtle } = globalThis.crypto
  const raw = Uint8Array.from(bytes)
  const key = await subtle.importKey('raw', raw, { name: 'HMAC', hash }, false, ['sign'])
  return async (prefix, body) => {
    const head = encodeUtf8(prefix)
    const content = concatBytes([head, body], head.length + body.length)
    const tag = new Uint8Array(await subtle.sign('HMAC', key, content))
    return readings.list.find(({ value }) => value === encodeBase64(tag))
  }
}
