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
import { malformed } from '../base/errors.js'
import { type KeyMaterial, parseSecret } from './secrets.js'
import type { KeySet, Scheme, Secret, VerificationKey } from './types.js'

interface SchemeRules {
  /** A candidate counts only as canonical padded base64 of the one right length. */
  readonly candidate: RegExp
  readonly importKey: (bytes: Uint8Array) => Awaitable<VerificationKey>
}

const NO_BYTES = new Uint8Array(0)
const MAX_CANDIDATES = 16
const MAX_LENGTH = 4096
// Each costs a verification of the whole body, so a forger must not choose how many.
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

// Beside the keys and not in them, so that nothing that prints a key prints its bytes.
const materials = new WeakMap<VerificationKey, KeyMaterial>()

export function importKey(material: KeyMaterial): Awaitable<VerificationKey> {
  return andThen(schemes[material.scheme].importKey(material.bytes), (key) => {
    materials.set(key, material)
    return key
  })
}

/** What a key was made of; `undefined` for a key of somebody else. For diagnosis only. */
export function materialOf(key: VerificationKey): KeyMaterial | undefined {
  return materials.get(key)
}

/** What is signed: `webhook-id.webhook-timestamp.body`; this is all of it before the body. */
export function signedPrefix(id: string, timestamp: string): string {
  return `${id}.${timestamp}.`
}

/** What a key is tried against. */
export interface SignedContent {
  readonly candidates: readonly string[]
  readonly prefix: string
  readonly body: Uint8Array
  /** For keys that a source hands over as text. */
  readonly minBytes?: number
}

/** The first key that one of the candidates is right for. One MAC per key, however many candidates. */
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

/** The key itself if it is right. */
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
  const imported = keys.map((key) =>
    isImported(key) ? key : importKey(parseSecret(key, minBytes)),
  )
  return (await all(imported)).map(({ keyId }) => keyId)
}

function isImported(key: VerificationKey | Secret): key is VerificationKey {
  return typeof key === 'object' && 'matches' in key
}

/** The candidates worth checking, each once, with their version; unknown versions and undecodable candidates are skipped. Throws `header_malformed`. */
export function parseSignatures(header: string): string[] {
  const candidates: string[] = []
  let count = 0
  if (header.length <= MAX_LENGTH) {
    // Lines that were joined have a comma before the space. Most headers hold one signature, which needs no splitting.
    for (const text of header.includes(' ') ? header.split(/,? +/) : [header]) {
      if (text) count++
      if (isCandidate(text) && !candidates.includes(text)) candidates.push(text)
    }
  }
  if (count > 0 && count <= MAX_CANDIDATES) return candidates
  throw malformed('webhook-signature must hold 1 to 16 signatures in at most 4096 characters')
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

/** Eight characters of a MAC over fixed text, or of the public key: the same in every process, and no help to a forger. */
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
