import type { WebhookErrorCode } from '../base/errors.js'
import { printable } from '../base/printable.js'
import { CATALOGUE, type Cause } from './catalogue.js'

/** `certain`: the signature matches if this is undone, or the delivery clearly breaks a rule. `likely`: there are strong signs. `possible`: nothing else was found. */
export type Confidence = 'certain' | 'likely' | 'possible'

/** One problem with a delivery, and its fix. */
export interface Finding {
  /** What is wrong; `docs/troubleshooting.md` has a heading for each. */
  readonly code: Cause
  readonly confidence: Confidence
  readonly explanation: string
  readonly fix: string
  /** What was found in this delivery: a header's name, a style, a length. Never a secret. */
  readonly detail?: string
  /** For `clock_skew`: seconds by which `webhook-timestamp` is behind now; negative if it is ahead. */
  readonly offset?: number
}

/** The result of `diagnose`. It holds no secret, no signature, and only names of members from the body, so you can log and paste it. */
export interface Diagnosis {
  /** `true` if a verifier with these secrets accepts the delivery. */
  readonly ok: boolean
  /** The code with which a verifier refuses the delivery. Also `undefined` if these secrets are unusable or there is no body. */
  readonly code?: WebhookErrorCode
  /** The problems, the true cause first. Empty if there are none. */
  readonly findings: readonly Finding[]
  /** A report as text. */
  toString(): string
}

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

/** Collects variants in order of plausibility; of two that are the same value the first stays. */
export interface Variants<T> {
  add(value: T | undefined, ...changes: readonly Change[]): void
  readonly list: readonly Variant<T>[]
}

export function createVariants<T>(identity: (value: T) => string): Variants<T> {
  const seen = new Set<string>()
  const list: Variant<T>[] = []
  return {
    list,
    add(value, ...changes) {
      if (value === undefined) return
      const key = identity(value)
      if (seen.has(key)) return
      seen.add(key)
      list.push({ value, changes: mergeChanges(changes) })
    },
  }
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

/** Further members of a finding. */
interface More {
  readonly detail?: string | undefined
  readonly offset?: number
}

export function finding(code: Cause, confidence: Confidence, more: More = {}): Finding {
  const { explanation, fix } = CATALOGUE[code]
  const { offset } = more
  // The text can hold names and values that a stranger chose.
  const detail = more.detail === undefined ? undefined : printable(more.detail)
  return {
    code,
    confidence,
    explanation: detail === undefined ? explanation : `${explanation} Here: ${detail}.`,
    fix,
    ...(detail !== undefined && { detail }),
    ...(offset !== undefined && { offset }),
  }
}
