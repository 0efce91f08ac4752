import { importMacKey, mac } from '#crypto'
import { type Awaitable, andThen } from '../../base/awaitable.js'
import { concatBytes, encodeBase64, encodeUtf8 } from '../../base/bytes.js'
import { subtleCrypto } from '../../base/platform.js'
import { importKey } from '../../delivery/import-key.js'
import type { VerificationKey } from '../../delivery/types.js'
import type { Readings } from '../headers/signature-readings.js'
import type { KeyBytes } from '../secret/secret-variants.js'
import { change, type Variant } from '../variants.js'

export interface TriedKey {
  /** Roughly the number of HMAC-SHA256 trials that take as long as one trial. */
  readonly cost: number
  /** Imports the key when it is first needed. */
  readonly trial: () => Awaitable<Trial>
}

/** Returns the signature that is right for this content, if there is one. */
type Trial = (prefix: string, body: Uint8Array) => Awaitable<Variant<string> | undefined>

/** The cost of a trial, and the length of a signature in base64. */
const ALGORITHMS = {
  'SHA-256': [1, 44],
  'SHA-1': [4, 28],
  'SHA-384': [4, 64],
  'SHA-512': [4, 88],
  Ed25519: [20, 88],
  own: [20, undefined],
} as const
const MAX_SIGNATURES = 16
const CUT: Variant<string> = { value: '', changes: [change('signature_truncated')] }

/** The keys whose signatures have the length of one of these signatures. */
export function triedKeys(
  keys: readonly Variant<KeyBytes>[],
  { list, cut }: Readings,
): Variant<TriedKey>[] {
  return keys.flatMap(({ value: key, changes }) => {
    const [cost, length = key.algorithm === 'own' && key.key.scheme === 'v1' ? 44 : 88] =
      ALGORITHMS[key.algorithm]
    const readings = { list: list.filter(({ value }) => value.length === length), cut }
    const isPossible = readings.list.length > 0 || (key.algorithm === 'SHA-256' && cut.length > 0)
    const trial = onDemand(() => createTrial(key, readings))
    return isPossible ? [{ changes, value: { cost, trial } }] : []
  })
}

function onDemand<T>(create: () => Promise<T>): () => Awaitable<T> {
  let ready: Awaitable<T> | undefined
  return () => {
    ready ??= create().then((made) => {
      ready = made
      return made
    })
    return ready
  }
}

async function createTrial(value: KeyBytes, { list, cut }: Readings): Promise<Trial> {
  if (value.algorithm === 'own') return eachOf(list, value.key)
  const { algorithm, bytes } = value
  if (algorithm === 'Ed25519') {
    return eachOf(list.slice(0, MAX_SIGNATURES), await importKey({ scheme: 'v1a', bytes }))
  }
  if (algorithm !== 'SHA-256') return otherHash(algorithm, bytes, list)
  const key = await importMacKey(bytes)
  return (prefix, body) =>
    andThen(mac(key, prefix, body), (tag) => {
      const whole = list.find(({ value }) => value === tag)
      return whole ?? (cut.some((start) => tag.startsWith(start)) ? CUT : undefined)
    })
}

function eachOf(signatures: Readings['list'], key: VerificationKey): Trial {
  return async (prefix, body) => {
    for (const reading of signatures) {
      if (await key.matches([`${key.scheme},${reading.value}`], prefix, body)) return reading
    }
    return undefined
  }
}

/** No scheme of the standard uses these hashes, so `#crypto` does not have them. WebCrypto has them on every runtime. */
async function otherHash(hash: string, bytes: Uint8Array, list: Readings['list']): Promise<Trial> {
  const subtle = subtleCrypto()
  const raw = Uint8Array.from(bytes)
  const key = await subtle.importKey('raw', raw, { name: 'HMAC', hash }, false, ['sign'])
  return async (prefix, body) => {
    const content = concatBytes(encodeUtf8(prefix), body)
    const tag = new Uint8Array(await subtle.sign('HMAC', key, content))
    return list.find(({ value }) => value === encodeBase64(tag))
  }
}
