import type { Awaitable } from './base/awaitable.js'
import { isWebhookError, type WebhookError } from './base/errors.js'
import { resolveOptions } from './base/options.js'
import { bodyBytes } from './delivery/body.js'
import type { Report } from './delivery/report.js'
import type {
  HeadersInput,
  SecretContext,
  Verdict,
  Verifier,
  VerifierOptions,
  Webhook,
  WebhookBody,
} from './delivery/types.js'
import { createAuthenticator } from './verify/authenticator.js'
import { type ArrivedDelivery, createReporting } from './verify/reporting.js'
import { VERIFIER_OPTIONS, type VerifierSettings } from './verify/verifier-options.js'

interface GivenDelivery {
  readonly body: WebhookBody
  readonly headers: HeadersInput
  readonly context: SecretContext
}

/**
 * Creates a function that verifies Standard Webhooks deliveries. It checks the timestamp, and the signature over exactly the bytes that arrived.
 *
 * Throws a `TypeError` for an unknown or invalid option.
 *
 * @example
 * ```ts
 * import { createVerifier } from 'countersign'
 * const verify = createVerifier({ secret: 'wh_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo' })
 * export async function receive(request: Request): Promise<unknown> {
 *   const webhook = await verify(await request.arrayBuffer(), request.headers)
 *   return webhook.payload
 * }
 * ```
 */
export function createVerifier<T = unknown>(options: VerifierOptions<T>): Verifier<T> {
  const resolved = resolveOptions(options, VERIFIER_OPTIONS)
  // `secret` and `schema` are taken over from the options unchanged.
  const settings = resolved as VerifierSettings<T, SecretContext>
  const reporting = createReporting(settings)
  const { examine, authenticate } = createAuthenticator(settings)

  function work(
    attempt: ArrivedDelivery,
    report: Report,
    { body, context }: GivenDelivery,
  ): Awaitable<Webhook<T>> {
    attempt.body = body
    const bytes = bodyBytes(body)
    const examined = examine(attempt.headers, report)
    // One copy is verified, parsed and returned, so the caller may change its buffer meanwhile.
    const own = typeof body === 'string' ? bytes : new Uint8Array(bytes)
    return authenticate(examined, own, context, report)
  }

  const accept = reporting(work)
  const judge = reporting<GivenDelivery, Webhook<T> | WebhookError>(work, (error) => error)
  const verify: Verifier<T> = (body, headers, context = {}) => accept({ body, headers, context })
  verify.check = (body, headers, context = {}) => judge({ body, headers, context }).then(toVerdict)
  return verify
}

function toVerdict<T>(result: Webhook<T> | WebhookError): Verdict<T> {
  return isWebhookError(result) ? { ok: false, error: result } : { ok: true, webhook: result }
}
