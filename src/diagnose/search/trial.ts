import {
  importMacKey,
  importPublicKey,
  type MacKey,
  mac,
  type PublicKey,
  verifySignature,
} from '#crypto'
import { type Awaitable, isThenable } from '../../base/awaitable.js'
import { concatBytes, encodeBase64, encodeUtf8 } from '../../base/bytes.js'
import { subtleCrypto } from '../../base/platform.js'
import type { VerificationKey } from '../../delivery/types.js'
import type { Variant } from '../finding.js'
import type { Readings } from '../headers/signature-readings.js'
import type { KeyBytes } from '../secret/secret-variants.js'

/** Is one of the signatures right for this content? Then it is that one. */
export type Trial = (prefix: string, body: Uint8Array) => Awaitable<Variant<string> | undefined>

/** Imports a key when it is first needed. */
export function lazyTrial(key: KeyBytes, readings: Readings): () => Awaitable<Trial> {
  let ready: Awaitable<Trial> | undefined
  return () => {
    ready ??= createTrial(key, readings).then((trial) => {
      ready = trial
      return trial
    })
    return ready
  }
}

async function createTrial(value: KeyBytes, readings: Readings): Promise<Trial> {
  if (value.algorithm === 'own') return ownTrial(value.key, readings)
  const { algorithm, bytes } = value
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

/** A key whose bytes only its owner knows. */
function ownTrial(key: VerificationKey, { list }: Readings): Trial {
  const { scheme } = key
  const length = scheme === 'v1' ? 44 : 88
  const readings = list.filter(({ value }) => value.length === length)
  return async (prefix, body) => {
    for (const reading of readings) {
      if (await key.matches([`${scheme},${reading.value}`], prefix, body)) return reading
    }
    return undefined
  }
}

function publicKeyTrial(key: PublicKey, { list }: Readings): Trial {
  const signatures = list.filter(({ value }) => value.length === 88).slice(0, 16)
  return async (prefix, body) => {
    for (const reading of signatures) {
      if (await verifySignature(key, reading.value, prefix, body)) return reading
    }
    return undefined
  }
}

/** Not a scheme of ours, so not among the primitives: WebCrypto has it on every runtime. */
async function otherHashTrial(hash: string, bytes: Uint8Array, readings: Readings): Promise<Trial> {
  const subtle = subtleCrypto()
  const raw = Uint8Array.from(bytes)
  const key = await subtle.importKey('raw', raw, { name: 'HMAC', hash }, false, ['sign'])
  return async (prefix, body) => {
    const head = encodeUtf8(prefix)
    const content = concatBytes([head, body], head.length + body.length)
    const tag = new Uint8Array(await subtle.sign('HMAC', key, content))
    return readings.list.find(({ value }) => value === encodeBase64(tag))
  }
}
