import type { WebhookErrorCode } from '../base/errors.js'
import { amount, anything, type OptionTable, own, resolveOptions } from '../base/options.js'
import type { HeadersInput, Secret, WebhookBody } from '../delivery/types.js'
import { createVerifier } from '../verify.js'
import { type Captured, captureBody, listHeaders } from './delivery.js'
import { findChanges } from './find-changes.js'
import type { Change, Diagnosis, Finding } from './finding.js'
import {
  bodySigns,
  clockSigns,
  finding,
  lastGuesses,
  malformedHeaders,
  missingHeaders,
  unusableSecrets,
  versionSigns,
} from './observations.js'
import { namedHeaders } from './prefix-variants.js'
import { printDiagnosis } from './report.js'
import { hasSignature, signatureReadings } from './signature-readings.js'

export type { Cause } from './catalogue.js'
export type { Confidence, Diagnosis, Finding } from './finding.js'

/** A captured delivery, and the secret one believes in. */
export interface DiagnoseOptions {
  /** As captured: the bytes if there are any, or whatever is left of them (a parsed object, say). */
  body: WebhookBody | object | null | undefined
  headers: HeadersInput
  /** The secret the receiver is configured with, or several. */
  secret: Secret | readonly Secret[]
  /** Secrets that were valid before. */
  previous?: Secret | readonly Secret[] | undefined
  /** When the delivery arrived: a clock, a `Date`, or milliseconds since the epoch. Default: now. */
  now?: (() => number | Date) | Date | number | undefined
  /** Seconds. Default 300. */
  tolerance?: number | undefined
}

/**
 * Why does this delivery not verify? Tries the ways in which it goes wrong in practice, on the body, the secret and the headers,
 * alone and together, and names those under which the signature matches.
 *
 * Throws a `TypeError` for an option that does not exist or cannot be.
 *
 * For development: it tries wrong keys on purpose, so never let its answer decide whether a delivery is accepted.
 *
 * @example
 * ```ts
 * import { diagnose } from 'countersign/diagnose'
 * export async function explain(body: Buffer, headers: Record<string, string>): Promise<void> {
 *   const diagnosis = await diagnose({ body, headers, secret: process.env.WEBHOOK_SECRET ?? '' })
 *   console.log(String(diagnosis))
 * }
 * ```
 */
export async function diagnose(options: DiagnoseOptions): Promise<Diagnosis> {
  const captured = capture(options)
  const code = await verdictOf(options, captured)
  const findings = await findCauses(captured, code)
  const diagnosis = {
    ok: code === 'accepted',
    ...(code !== 'accepted' && code !== 'unusable' && { code }),
    findings,
  }
  return Object.defineProperty(diagnosis, 'toString', {
    value: () => printDiagnosis(diagnosis),
    enumerable: false,
  })
}

const OPTIONS = {
  body: anything<DiagnoseOptions['body']>(undefined),
  headers: anything<DiagnoseOptions['headers'] | undefined>(undefined),
  secret: anything<DiagnoseOptions['secret'] | undefined>(undefined),
  previous: anything<DiagnoseOptions['previous']>(undefined),
  now: anything<NonNullable<DiagnoseOptions['now']>>(Date.now),
  tolerance: amount(300),
} satisfies OptionTable<DiagnoseOptions>

function capture(options: DiagnoseOptions): Captured {
  const settings = resolveOptions(options, OPTIONS)
  const { body, headers = {}, secret, previous, now, tolerance } = settings
  const time = Number(typeof now === 'function' ? now() : now)
  if (!Number.isFinite(time)) throw new TypeError('now must be a time')
  return {
    ...captureBody(body),
    headers: listHeaders(headers),
    secrets: listSecrets(secret),
    previous: listSecrets(previous),
    now: time / 1000,
    tolerance,
  }
}

function listSecrets(secret: Secret | readonly Secret[] | undefined): readonly Secret[] {
  if (Array.isArray(secret)) return secret
  // An environment variable that is not set, whatever the types say.
  return secret === undefined || secret === null ? [] : [secret as Secret]
}

type Verdict = WebhookErrorCode | 'accepted' | 'unusable'

/** What the verifier itself says. */
async function verdictOf(options: DiagnoseOptions, captured: Captured): Promise<Verdict> {
  const { secrets, now, tolerance } = captured
  const { body, headers } = own(options)
  const clock = (): number => now * 1000
  const verify = attempt(() =>
    createVerifier({ secret: secrets, now: clock, tolerance, warn: false }),
  )
  if (!verify) return 'unusable'
  const verdict = await verify.check(body as WebhookBody, headers)
  return verdict.ok ? 'accepted' : verdict.error.code
}

function attempt<T>(create: () => T): T | undefined {
  try {
    return create()
  } catch {
    return undefined
  }
}

async function findCauses(captured: Captured, verdict: Verdict): Promise<readonly Finding[]> {
  const named = namedHeaders(captured)
  const readings = signatureReadings(captured, named.names[2])
  const changes = await findChanges(captured, named, readings)
  const broken = [
    ...missingHeaders(captured, named),
    ...malformedHeaders(captured, named),
    ...unusableSecrets(captured),
  ]
  const clock = clockSigns(captured, named)
  if (changes) return once([...proven(changes), ...broken, ...clock, ...rest(verdict)])
  if (verdict === 'accepted') return []
  const signs = [...broken, ...versionSigns(captured, named, readings), ...bodySigns(captured)]
  // Where something was missing nothing was tried, so nothing is known of secret and body.
  const wasTried = hasSignature(readings) && !signs.some(({ code }) => code === 'header_missing')
  return once([...signs, ...(wasTried ? lastGuesses(captured) : []), ...clock])
}

function proven(changes: readonly Change[]): Finding[] {
  const found = changes.map(({ code, detail }) => finding(code, 'certain', { detail }))
  // Whoever sends other headers follows another scheme, and the rest follows from that.
  const vendor = found.filter(({ code }) => code === 'header_names')
  return [...vendor, ...found]
}

function rest(verdict: Verdict): Finding[] {
  return verdict === 'payload_invalid' ? [finding('payload_invalid', 'certain')] : []
}

/** A cause that shows in two ways is one finding. */
function once(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ code }, i) => findings.findIndex((other) => other.code === code) === i)
}
