import { type Awaitable, all, andThen, isThenable } from '../base/awaitable.js'
import { malformed, refusal, type WebhookError } from '../base/errors.js'
import { toKey } from './import-key.js'
import { SCHEMES } from './schemes.js'
import type { KeySet, Secret, VerificationKey } from './types.js'

const MAX_CANDIDATES = 16
const MAX_LENGTH = 4096

/** The candidates to check, each once, with their version. Unknown versions and undecodable candidates are skipped. Throws `header_malformed`. */
export function parseSignatures(header: string): string[] {
  // Most headers hold one signature and need no splitting.
  if (isCandidate(header)) return [header]
  // Joined lines have a comma before the space.
  const texts = header.length > MAX_LENGTH ? [] : header.split(/,? +/).filter(Boolean)
  if (texts.length && texts.length <= MAX_CANDIDATES) {
    return [...new Set(texts.filter(isCandidate))]
  }
  throw malformed('webhook-signature must hold 1 to 16 signatures in at most 4096 characters')
}

export function signatureMismatch(): WebhookError {
  return refusal(
    'signature_mismatch',
    'no signature matches the secret: diagnose({ ...error.delivery, secret }) from countersign/diagnose says why',
  )
}

function isCandidate(text: string): boolean {
  return SCHEMES.v1.candidate.test(text) || SCHEMES.v1a.candidate.test(text)
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
  from = 0,
): Awaitable<VerificationKey | undefined> {
  for (let index = from; index < keys.length; index++) {
    // The condition of the loop says that there is one.
    const found = tryKey(keys[index] as VerificationKey | Secret, content)
    if (isThenable(found)) return found.then((found) => found ?? findKey(keys, content, index + 1))
    if (found) return found
  }
  return undefined
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
