import { andThen } from '../base/awaitable.js'
import type { VerificationKey } from '../delivery/types.js'

/** The same key, which calls `onProof` once it has verified its first delivery. */
export function provingKey(key: VerificationKey, onProof: () => void): VerificationKey {
  let isProved = false
  function prove(isRight: boolean): boolean {
    if (isRight && !isProved) onProof()
    isProved ||= isRight
    return isRight
  }
  return { ...key, matches: (...signed) => andThen(key.matches(...signed), prove) }
}
