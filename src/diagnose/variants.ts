import type { Cause } from './catalogue/catalogue.js'

/** One step between what arrived and what was signed. */
export interface Change {
  readonly code: Cause
  readonly detail?: string
}

/** A value to try, and the steps that lead to it: none for the value as it arrived. */
export interface Variant<T> {
  readonly value: T
  readonly changes: readonly Change[]
}

export type Add<T> = (value: T | undefined, ...changes: readonly Change[]) => void

/** Collects variants in order of plausibility; of two that are the same value the first stays. */
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

/** Two steps of one kind are one cause. */
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

/** Adds what takes these changes first. */
export function behind<T>(add: Add<T>, ...first: readonly Change[]): Add<T> {
  return (value, ...changes) => add(value, ...first, ...changes)
}

/** A body that may have been signed: what it takes to get there, in the words of a finding. Nothing to try if it is `undefined`. */
export type Candidate = readonly [value: Uint8Array | undefined, code: Cause, detail?: string]
