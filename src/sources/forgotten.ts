/** A key that `forgetPrevious()` dropped, by its fingerprint, and when: in milliseconds since the epoch. */
export interface ForgottenKey {
  readonly keyId: string
  readonly at: number
}

/** A list that somebody could let grow for ever holds the newest of these. */
const MOST = 1_000

/** Each key once, with the last time it was forgotten. */
export function joinForgotten(...lists: (readonly ForgottenKey[])[]): readonly ForgottenKey[] {
  const times = new Map<string, number>()
  for (const { keyId, at } of lists.flat()) times.set(keyId, Math.max(at, times.get(keyId) ?? at))
  const keys = [...times].map(([keyId, at]) => ({ keyId, at }))
  return keys.sort((a, b) => b.at - a.at).slice(0, MOST)
}

/** The clocks of two processes may differ by this much, in milliseconds. */
const GRACE = 31_000

/** Was the key forgotten after that time? Then what was known at that time must not bring it back: only the account can, if it names it later. */
export function isForgotten(
  forgotten: readonly ForgottenKey[],
  keyId: string,
  knownAt: number,
): boolean {
  return forgotten.some((key) => key.keyId === keyId && knownAt <= key.at + GRACE)
}
