/** Why the account is read: the keys are old, a delivery matched no key, or `refresh()` was called. */
export type Why = 'age' | 'mismatch' | 'hand'

interface Rule {
  /** A stranger can cause mismatches, so each attempt for one lengthens the pause from its start. Other attempts lengthen it only if they fail. */
  readonly countsAtOnce: boolean
  /** The promise of a flight to wait for. Old keys still verify, so any keys are enough; a mismatch needs the account's answer; `refresh()` waits for all work. */
  readonly waitsFor: 'ready' | 'landed' | 'done'
}

export const WHY: Readonly<Record<Why, Rule>> = {
  age: { countsAtOnce: false, waitsFor: 'ready' },
  mismatch: { countsAtOnce: true, waitsFor: 'landed' },
  hand: { countsAtOnce: false, waitsFor: 'done' },
}
