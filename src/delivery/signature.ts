import {
  importMacKey,
  importPublicKey,
  type MacKey,
  mac,
  type PublicKey,
  verifySignature,
} from '#crypto'
import { type Awaitable, all, andThen, isThenable } from '../base/awaitable.js'
import { encodeBase64, equalConstantTime } from '../base/bytes.js'
import { malformed, refusal, type WebhookError } from '../base/errors.js'
import { type KeyMaterial, parseSecret } from './secrets.js'
import type { KeySet, Scheme, Secret, VerificationKey } from './types.js'

interface SchemeRules {
  /** Pattern of a candidate: canonical padded base64 of exactly the right length. */
  readonly candidate: RegExp
  readonly importKey: (bytes: Uint8Array) => Awaitable<VerificationKey>
}

const NO_BYTES = new Uint8Array(0)
const MAX_CANDIDATES = 16
const MAX_LENGTH = 4096
// Each candidate costs a verification of the whole body, so their number is limited.
const MAX_V1A_CANDIDATES = 4

/** Standard Webhooks, "Signature scheme": which versions there are and what each one means. */
const schemes: Record<Scheme, SchemeRules> = {
  v1: {
    candidate: /^v1,[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/,
    importKey: (bytes) => andThen(importMacKey(bytes), macKey),
  },
  v1a: {
    candidate: /^v1a,[A-Za-z0-9+/]{85}[AQgw]==$/,
    importKey: (bytes) => andThen(importPublicKey(bytes), (key) => publicKey(key, bytes)),
  },
}

/** The key that a secret stands for. Throws a `TypeError` for a secret that cannot be used. */
export function toKey(secret: Secret, minBytes?: number): Awaitable<VerificationKey> {
  return importKey(parseSecret(secret, minBytes))
}

// Kept outside the keys, so that printing a key never prints its bytes.
const materials = new WeakMap<VerificationKey, KeyMaterial>()

export function importKey(material: KeyMaterial): Awaitable<VerificationKey> {
  return andThen(schemes[material.scheme].importKey(material.bytes), (key) => {
    materials.set(key, material)
    return key
  })
}

/** The secret that a key was made from; `undefined` for a key that was not made here. For diagnosis only. */
export function materialOf(key: VerificationKey): KeyMaterial | undefined {
  return materials.get(key)
}

/** The part of the signed content before the body. The whole content is `webhook-id.webhook-timestamp.body`. */
export function signedPrefix(id: string, timestamp: string): string {
  return `${id}.${timestamp}.`
}

/** The signed content and its candidate signatures. */
export interface SignedContent {
  readonly candidates: readonly string[]
  readonly prefix: string
  readonly body: Uint8Array
  /** Smallest number of key bytes, for keys that a source returns as text. */
  readonly minBytes?: number
}

/** The first key that one of the candidates fits. Computes one MAC per key, whatever the number of candidates. */
export function findKey(
  keys: KeySet['keys'],
  content: SignedContent,
): Awaitable<VerificationKey | undefined> {
  for (const [index, key] of keys.entries()) {
    const found = tryKey(key, content)
    if (isThenable(found)) return findLater(found, keys.slice(index + 1), content)
    if (found) return found
  }
  return undefined
}

async function findLater(
  first: Awaitable<VerificationKey | undefined>,
  keys: KeySet['keys'],
  content: SignedContent,
): Promise<VerificationKey | undefined> {
  let found = await first
  for (const key of keys) found ??= await tryKey(key, content)
  return found
}

/** Returns the key if one of the candidates fits it. */
function tryKey(
  key: VerificationKey | Secret,
  content: SignedContent,
): Awaitable<VerificationKey | undefined> {
  if (!isImported(key)) return andThen(toKey(key, content.minBytes), (key) => tryKey(key, content))
  const right = key.matches(content.candidates, content.prefix, content.body)
  return andThen(right, (right) => (right ? key : undefined))
}

/** Fingerprints of the keys that were tried. */
export async function keyIdsOf(keys: KeySet['keys'], minBytes?: number): Promise<string[]> {
  const imported = await all(keys.map((key) => (isImported(key) ? key : toKey(key, minBytes))))
  return imported.map(({ keyId }) => keyId)
}

function isImported(key: VerificationKey | Secret): key is VerificationKey {
  return typeof key === 'object' && 'matches' in key
}

/** The candidates to check, each once, with their version. Unknown versions and undecodable candidates are skipped. Throws `header_malformed`. */
export function parseSignatures(header: string): string[] {
  const candidates: string[] = []
  let count = 0
  if (header.length <= MAX_LENGTH) {
    // Joined lines have a comma before the space. Most headers hold one signature and need no splitting.
    for (const text of header.includes(' ') ? header.split(/,? +/) : [header]) {
      if (text) count++
      if (isCandidate(text) && !candidates.includes(text)) candidates.push(text)
    }
  }
  if (count > 0 && count <= MAX_CANDIDATES) return candidates
  throw malformed('webhook-signature must hold 1 to 16 signatures in at most 4096 characters')
}

export function signatureMismatch(): WebhookError {
  return refusal(
    'signature_mismatch',
    'no signature matches the secret: diagnose({ ...error.delivery, secret }) from countersign/diagnose says why',
  )
}

function isCandidate(text: string): boolean {
  return schemes.v1.candidate.test(text) || schemes.v1a.candidate.test(text)
}

function macKey(key: MacKey): Awaitable<VerificationKey> {
  return andThen(mac(key, 'countersign key id', NO_BYTES), (tag) => ({
    keyId: keyId(tag),
    scheme: 'v1',
    matches: (candidates, prefix, body) =>
      andThen(mac(key, prefix, body), (tag) => {
        let found = false
        for (const candidate of candidates) {
          // Behind `v1,`; of a `v1a` too much is left to be equal.
          if (equalConstantTime(tag, candidate, 3)) found = true
        }
        return found
      }),
  }))
}

/** Eight characters of a MAC over a fixed text, or of the public key. They are the same in every process and do not help a forger. */
function keyId(text: string): string {
  return text.slice(0, 8).replace(/\W/g, '_')
}

function publicKey(key: PublicKey, bytes: Uint8Array): VerificationKey {
  return {
    keyId: keyId(encodeBase64(bytes)),
    scheme: 'v1a',
    async matches(candidates, prefix, body) {
      const signatures = candidates.filter((candidate) => candidate.startsWith('v1a,'))
      for (const candidate of signatures.slice(0, MAX_V1A_CANDIDATES)) {
        if (await verifySignature(key, candidate.slice(4), prefix, body)) return true
      }
      return false
    },
  }
}
