import { MOST_APART } from './clocks.js'

/** The fingerprint of a key that `forgetPrevious()` dropped, and the time in milliseconds since the epoch. */
export interface ForgottenKey {
  readonly keyId: string
  readonly at: number
}

/** Largest length of the list, so that it cannot grow for ever. The newest entries stay. */
const MOST = 1_000

/** Each key once, with the last time it was forgotten. */
export function joinForgotten(...lists: (readonly ForgottenKey[])[]): readonly ForgottenKey[] {
  const oldestFirst = lists.flat().sort((a, b) => a.at - b.at)
  const newest = new Map(oldestFirst.map((key) => [key.keyId, key]))
  return [...newest.values()].sort((a, b) => b.at - a.at).slice(0, MOST)
}

/** Checks whether the key was forgotten after that time. Older knowledge must not bring it back; only a later answer of the account can. */
export function isForgotten(
  forgotten: readonly ForgottenKey[],
  keyId: string,
  knownAt: number,
): boolean {
  return forgotten.some((key) => key.keyId === keyId && knownAt <= key.at + MOST_APART)
}
