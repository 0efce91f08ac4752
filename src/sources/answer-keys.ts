import type { Secret } from '../delivery/types.js'
import { RefreshError } from './refresh-error.js'
import { type RingKey, toRingKey } from './ring-key.js'

/**
 * The keys of an answer. `onSkip` is called if unusable secrets were skipped because there are usable ones.
 * Rejects with a {@link RefreshError} if there is none.
 */
export async function answerKeys(
  answer: Secret | readonly Secret[],
  minBytes: number,
  onSkip: (error: RefreshError) => void,
): Promise<readonly RingKey[]> {
  const secrets = [answer].flat() as readonly Secret[]
  if (!secrets.length)
    throw new RefreshError(
      'secret_missing',
      'the answer holds no secret: issue a new key, or check the fetch function of the source',
    )
  const keys: RingKey[] = []
  let wrong: Error | undefined
  for (const secret of secrets) {
    try {
      keys.push(await toRingKey(secret, minBytes))
    } catch (error) {
      // This error is our own and never quotes the secret.
      wrong ??= error as Error
    }
  }
  if (!wrong) return keys
  const count = `${secrets.length - keys.length} of ${secrets.length}`
  const error = new RefreshError(
    'secret_invalid',
    `${count} secrets in the answer cannot be used: ${wrong.message}`,
    wrong,
  )
  if (!keys.length) throw error
  onSkip(error)
  return keys
}
