import { amount, anything, type OptionTable, own, resolveOptions } from '../base/options.js'
import { parseHeaderNames } from '../delivery/headers.js'
import { MIN_SECRET_BYTES } from '../delivery/secrets.js'
import type {
  HeadersInput,
  Secret,
  SecretContext,
  SecretFunction,
  SecretInput,
  VerifierOptions,
  WebhookBody,
} from '../delivery/types.js'
import { createVerifier } from '../verify.js'
import { type Captured, captureBody, listHeaders } from './capture.js'
import { findCauses, type VerdictCode } from './find-causes.js'
import type { Diagnosis } from './finding.js'
import { printDiagnosis } from './report.js'
import { givenSecrets } from './secret/given-secrets.js'
import { attempt } from './text.js'

export type { Cause } from './catalogue/catalogue.js'
export type { Confidence, Diagnosis, Finding } from './finding.js'

/** A captured delivery, the secret it should verify with, and the receiver's own settings. */
export interface DiagnoseOptions<Context extends SecretContext = SecretContext>
  extends Pick<VerifierOptions, 'tolerance' | 'minSecretBytes'> {
  /** The captured body: the bytes, or what is left of them, for example a parsed object. `undefined` if the body was not read. */
  body: WebhookBody | object | null | undefined
  headers: HeadersInput
  /** The `secret` option of the receiver, in any of its forms. Sources and functions are called once. */
  secret: SecretInput | SecretFunction<Context>
  /** The context for a secret function. Default: an empty context. */
  context?: Context | undefined
  /** Secrets that were valid before. */
  previous?: Secret | readonly Secret[] | undefined
  /** When the delivery arrived: a clock, a `Date`, or milliseconds since the epoch. Default: now. */
  now?: (() => number | Date) | Date | number | undefined
  /** The `headers` option of the receiver. Default: `webhook-*`, or `svix-*` if none of the three `webhook-*` headers is present. */
  headerNames?: VerifierOptions['headers']
}

const OPTIONS = {
  body: anything<DiagnoseOptions['body']>(),
  headers: anything<DiagnoseOptions['headers']>(),
  secret: anything<DiagnoseOptions['secret']>(),
  context: anything<DiagnoseOptions['context']>(),
  previous: anything<DiagnoseOptions['previous']>(),
  now: anything<NonNullable<DiagnoseOptions['now']>>(Date.now),
  tolerance: amount(300),
  minSecretBytes: amount(MIN_SECRET_BYTES),
  headerNames: anything<DiagnoseOptions['headerNames']>(),
} satisfies OptionTable<DiagnoseOptions>

/**
 * Finds out why a delivery does not verify. It tries the usual mistakes with the body, the secret and the headers,
 * alone and together, and names those with which the signature matches.
 *
 * Rejects with a `TypeError` for an unknown or invalid option.
 *
 * Use it for debugging. It tries wrong keys on purpose, so never accept a delivery because of its result.
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
export async function diagnose<Context extends SecretContext = SecretContext>(
  options: DiagnoseOptions<Context>,
): Promise<Diagnosis> {
  // The function is called with the caller's context, whatever its type is.
  const given = own(options) as unknown as DiagnoseOptions
  const captured = await capture(given)
  const verdict = await verdictOf(given, captured)
  const findings = await findCauses(captured, verdict)
  const isRefused = verdict !== 'accepted' && verdict !== undefined
  const diagnosis = { ok: verdict === 'accepted', ...(isRefused && { code: verdict }), findings }
  // Not enumerable.
  return Object.defineProperty(diagnosis, 'toString', { value: () => printDiagnosis(diagnosis) })
}

async function capture(options: DiagnoseOptions): Promise<Captured> {
  const settings = resolveOptions(options, OPTIONS)
  const { headers = {}, now, tolerance, minSecretBytes } = settings
  const time = Number(typeof now === 'function' ? now() : now)
  if (!Number.isFinite(time)) {
    throw new TypeError('now must be a clock, a valid Date or milliseconds since the epoch')
  }
  const nameSets = parseHeaderNames(settings.headerNames)
  return {
    ...captureBody(settings.body),
    headers: listHeaders(headers, nameSets.flat()),
    nameSets,
    ...(await givenSecrets(settings.secret, settings.context)),
    previous: [settings.previous ?? []].flat() as Secret[],
    now: time / 1000,
    tolerance,
    minSecretBytes,
  }
}

async function verdictOf(
  { body, headers, headerNames }: DiagnoseOptions,
  { secrets, keys, now, tolerance, minSecretBytes, unread }: Captured,
): Promise<VerdictCode> {
  const known = keys && { keys, current: true }
  const secret = known ? { read: () => known, reread: () => known } : secrets
  const settings = { headers: headerNames, now: () => now * 1000, tolerance, minSecretBytes }
  const verify = attempt(() => createVerifier({ secret, ...settings, warn: false }))
  if (!verify) return undefined
  const verdict = await verify.check((unread ? '' : body) as WebhookBody, headers)
  if (verdict.ok) return 'accepted'
  const { code } = verdict.error
  // Without the body, the signature cannot be checked.
  return unread && code === 'signature_mismatch' ? undefined : code
}
