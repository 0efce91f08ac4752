import type { WebhookErrorCode } from '../base/errors.js'
import { printable } from '../base/printable.js'
import { CATALOGUE, type Cause } from './catalogue/catalogue.js'

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

/** A sign that may be there, and the cause that it shows. */
export type Sign = readonly [isThere: unknown, code: Cause, detail?: string]

export function findingsOf(confidence: Confidence, signs: readonly Sign[]): Finding[] {
  const found = signs.filter(([isThere]) => isThere)
  return found.map(([, code, detail]) => finding(code, confidence, detail))
}

export function finding(code: Cause, confidence: Confidence, found?: string): Finding {
  const [explanation, fix] = CATALOGUE[code]
  if (found === undefined) return { code, confidence, explanation, fix }
  // It may contain names and values that a stranger chose.
  const detail = printable(found)
  return { code, confidence, explanation: `${explanation} Here: ${detail}.`, fix, detail }
}
