import type { Cause } from './catalogue/catalogue.js'

/** One difference between the delivery that arrived and the delivery that was signed. */
export interface Change {
  readonly code: Cause
  readonly detail?: string
  /** One of many guesses. It is tried last, and alone. */
  readonly guess?: true
}

/** A value to try, and its changes. The value that arrived has none. */
export interface Variant<T> {
  readonly value: T
  readonly changes: readonly Change[]
}

export type Add<T> = (value: T | undefined, ...changes: readonly Change[]) => void

/** Collects variants, the most likely first. If two have the same value, the first stays. */
export function createVariants<T>(identity: (value: T) => string = String) {
  const seen = new Set<string>()
  const list: Variant<T>[] = []
  const add: Add<T> = (value, ...changes) => {
    const key = value === undefined ? undefined : identity(value)
    if (value === undefined || key === undefined || seen.has(key)) return
    seen.add(key)
    list.push({ value, changes: mergeChanges(changes) })
  }
  return { add, list }
}

/** Several changes with the same code become one. */
export function mergeChanges(changes: readonly Change[]): Change[] {
  const merged: Change[] = []
  for (const change of changes) {
    const index = merged.findIndex(({ code }) => code === change.code)
    const same = merged[index]
    if (!same) merged.push(change)
    else if (change.detail !== undefined && change.detail !== same.detail) {
      merged[index] = { ...change, detail: [same.detail, change.detail].filter(Boolean).join('; ') }
    }
  }
  return merged
}

export function change(code: Cause, detail?: string): Change {
  return detail === undefined ? { code } : { code, detail }
}

export function isGuess({ changes }: Variant<unknown>): boolean {
  return changes.some(({ guess }) => guess)
}

/** Puts these changes in front of the changes of every variant. */
export function behind<T>(add: Add<T>, ...first: readonly Change[]): Add<T> {
  return (value, ...changes) => add(value, ...first, ...changes)
}

/** A body that may have been signed, and the code and detail of its change. `undefined` is skipped. */
export type Candidate = readonly [value: Uint8Array | undefined, code: Cause, detail?: string]
