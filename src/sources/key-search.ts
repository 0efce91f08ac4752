import { type Awaitable, andThen, withErrors } from '../base/awaitable.js'
import { refusal } from '../base/errors.js'
import type { Report } from '../delivery/report.js'
import { findKey, keyIdsOf, type SignedContent, signatureMismatch } from '../delivery/signature.js'
import type {
  KeySet,
  SecretContext,
  SecretFunction,
  SecretInput,
  VerificationKey,
} from '../delivery/types.js'
import { createSourceFor, lookupFailed, unavailable } from './source-for.js'

/** Finds the key that signed a delivery at `signedAt` (seconds since the epoch). Throws or rejects with a `WebhookError` if there is none. */
export type KeySearch<Context> = (
  content: SignedContent,
  signedAt: number,
  context: Context,
  report: Report,
) => Awaitable<VerificationKey>

/** Asks the source for its keys. If none matches, the key may have rotated, so the source is asked once more. */
export function createKeySearch<Context extends SecretContext>(
  secret: SecretInput | SecretFunction<Context>,
  minBytes: number,
): KeySearch<Context> {
  const sourceFor = createSourceFor(secret, minBytes)

  // With Node's crypto and a known key, all of this runs at once, without a promise.
  return (content, signedAt, context, report) =>
    withErrors(
      () =>
        andThen(sourceFor(context), (source) =>
          andThen(source.read(context), (known) =>
            andThen(
              findKey(known.keys, content),
              (key) => key ?? lookAgain(known, source.reread(signedAt, context), content, report),
            ),
          ),
        ),
      lookupFailed,
    )
}

/** Returns the key that verifies now, after the source has read again. Otherwise the mismatch is final only if these are all keys that can have signed the delivery. */
async function lookAgain(
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
