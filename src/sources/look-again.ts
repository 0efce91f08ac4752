import type { Awaitable } from '../base/awaitable.js'
import { refusal } from '../base/errors.js'
import type { Report } from '../delivery/report.js'
import { findKey, keyIdsOf, type SignedContent, signatureMismatch } from '../delivery/signature.js'
import type { KeySet, VerificationKey } from '../delivery/types.js'
import { unavailable } from './source-for.js'

/**
 * No known key matched, so the source has read again. Returns the key that verifies now. Otherwise decides whether the mismatch is final:
 * throws `signature_mismatch` if these are all keys that can have signed the delivery, else `signature_undecided`.
 */
export async function lookAgain(
  known: KeySet,
  reread: Awaitable<KeySet>,
  content: SignedContent,
  report: Report,
): Promise<VerificationKey> {
  const { keys, current, retryAfter = 5, cause } = await reread
  const key = keys === known.keys ? undefined : await findKey(keys, content)
  if (key) return key
  if (!keys.length) throw unavailable('the secret source has no keys: check what it reads')
  report.expectedKeyIds = await keyIdsOf(keys, content.minBytes)
  if (current) throw signatureMismatch()
  throw refusal(
    'signature_undecided',
    `no signature matches the known keys, and newer keys could not be read${cause ? `: ${cause.message}` : ''}`,
    { retryAfter, cause },
  )
}
