import { importMacKey, importPublicKey, mac, verifySignature } from '#crypto'
import { type Awaitable, andThen } from '../../base/awaitable.js'
import { encodeBase64, encodeUtf8 } from '../../base/bytes.js'
import { subtleCrypto } from '../../base/platform.js'
import type { Readings } from '../headers/signature-readings.js'
import type { KeyBytes } from '../secret/secret-variants.js'
import { joined } from '../text.js'
import type { Variant } from '../variants.js'

/** A key and how to try it. */
export interface TriedKey {
  readonly guess: true | undefined
  /** In trials with HMAC-SHA256, roughly. */
  readonly cost: number
  /** Imports the key when it is first needed. */
  readonly trial: () => Awaitable<Trial>
}

/** Is one of the signatures right for this content? Then it is that one. */
type Trial = (prefix: string, body: Uint8Array) => Awaitable<Variant<string> | undefined>

const COSTS = { 'SHA-256': 1, 'SHA-1': 4, 'SHA-384': 4, 'SHA-512': 4, Ed25519: 20, own: 20 }
const MAX_SIGNATURES = 16
const CUT: Variant<string> = { value: '', changes: [{ code: 'signature_truncated' }] }

export function triedKey({ value, changes }: Variant<KeyBytes>, readings: Readings) {
  const { guess, algorithm } = value
  let ready: Awaitable<Trial> | undefined
  const trial = (): Awaitable<Trial> => {
    ready ??= createTrial(value, readings).then((trial) => {
      ready = trial
      return trial
    })
    return ready
  }
  return { changes, value: { guess, cost: COSTS[algorithm], trial } }
}

async function createTrial(key: KeyBytes, readings: Readings): Promise<Trial> {
  if (key.algorithm === 'own') {
    const { scheme } = key.key
    const list = readings.list.filter(({ value }) => value.length === (scheme === 'v1' ? 44 : 88))
    return eachOf(list, (value, ...content) => key.key.matches([`${scheme},${value}`], ...content))
  }
  if (key.algorithm === 'Ed25519') {
    const publicKey = await importPublicKey(key.bytes)
    const list = readings.list.filter(({ value }) => value.length === 88).slice(0, MAX_SIGNATURES)
    return eachOf(list, (value, ...content) => verifySignature(publicKey, value, ...content))
  }
  if (key.algorithm !== 'SHA-256') return otherHash(key.algorithm, key.bytes, readings)
  const macKey = await importMacKey(key.bytes)
  return (prefix, body) =>
    andThen(mac(macKey, prefix, body), (tag) => {
      const whole = readings.list.find(({ value }) => value === tag)
      return whole ?? (readings.cut.some((start) => tag.startsWith(start)) ? CUT : undefined)
    })
}

type IsRight = (signature: string, prefix: string, body: Uint8Array) => Awaitable<boolean>

function eachOf(signatures: Readings['list'], isRight: IsRight): Trial {
  return async (prefix, body) => {
    for (const reading of signatures) {
      if (await isRight(reading.value, prefix, body)) return reading
    }
    return undefined
  }
}

/** Not a scheme of ours, so not among the primitives: WebCrypto has it on every runtime. */
async function otherHash(hash: string, bytes: Uint8Array, { list }: Readings): Promise<Trial> {
  const subtle = subtleCrypto()
  const raw = Uint8Array.from(bytes)
  const key = await subtle.importKey('raw', raw, { name: 'HMAC', hash }, false, ['sign'])
  return async (prefix, body) => {
    const content = joined(encodeUtf8(prefix), body)
    const tag = new Uint8Array(await subtle.sign('HMAC', key, content))
    return list.find(({ value }) => value === encodeBase64(tag))
  }
}
