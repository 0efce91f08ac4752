import type { WebhookErrorCode } from '../base/errors.js'
import { found, own } from '../base/options.js'
import type { HeadersInput, SecretInput, WebhookBody } from '../delivery/types.js'
import { diagnose } from '../diagnose/index.js'
import { STATUS } from '../http/index.js'
import { createVerifier } from '../verify.js'
import type { MatcherOptions } from './matcher-types.js'
import { assertUnread, type Outcome, readOutcome } from './outcome.js'

/** What Jest and Vitest ask of a matcher. */
export interface MatcherResult {
  readonly pass: boolean
  message(): string
}

type SecretOptions = MatcherOptions & { secret: SecretInput }

/** A delivery in hand: from `signedRequest`, a fetch `Request`, or any body with headers. */
export type Delivery = Request | { readonly body: WebhookBody; readonly headers: HeadersInput }

async function toBeVerifiedBy(
  received: Delivery,
  secret: SecretInput,
  options?: MatcherOptions,
): Promise<MatcherResult> {
  const { body, headers } = await parts(received)
  const verdict = await createVerifier({ ...options, secret, parse: 'none', warn: false }).check(
    body,
    headers,
  )
  if (verdict.ok) {
    const { keyId } = verdict.webhook
    const text = `expected the delivery not to verify, but it does, with key ${keyId}`
    return { pass: true, message: () => text }
  }
  const { code, message } = verdict.error
  const report = await explain({ body, headers }, secret, options)
  return {
    pass: false,
    message: () => `expected the delivery to verify, but: ${code}: ${message}${report}`,
  }
}

async function explain(
  delivery: { body: WebhookBody | object | undefined; headers: HeadersInput },
  secret: SecretInput,
  options: MatcherOptions = {},
): Promise<string> {
  const { headers: headerNames, ...others } = own(options)
  return `\n\n${await diagnose({ ...others, ...delivery, secret, headerNames })}`
}

async function toBeRefusedWith(
  received: unknown,
  code: WebhookErrorCode,
  options?: SecretOptions,
): Promise<MatcherResult> {
  if (!Object.hasOwn(STATUS, code)) {
    throw new TypeError(`unknown code ${code}; the codes are: ${Object.keys(STATUS).join(', ')}`)
  }
  const { code: actual, text } = options
    ? await check(received, options)
    : await outcomeOf(received, 'toBeRefusedWith(code, { secret })')
  return {
    pass: actual === code,
    message: () =>
      actual === code
        ? `expected it not to be refused with ${code}`
        : `expected it to be refused with ${code}, but got: ${text}`,
  }
}

async function toBeAccepted(received: unknown, options?: SecretOptions): Promise<MatcherResult> {
  const { accepted, code, text, delivery } =
    options && isDelivery(received)
      ? await check(received, options)
      : await outcomeOf(received, 'toBeAccepted({ secret })')
  if (accepted === undefined) {
    throw new TypeError(
      `toBeAccepted() needs what came of a delivery: a webhook, a verdict, a WebhookError, an HTTP answer, or a promise or function that ends in one; found ${text}`,
    )
  }
  const hint = code === 'signature_mismatch' ? NO_DELIVERY : ''
  const report = delivery ? await diagnosis(delivery, options) : hint
  return {
    pass: accepted,
    message: () =>
      accepted
        ? `expected it not to be accepted, but got: ${text}`
        : `expected it to be accepted, but got: ${text}${report}`,
  }
}

const NO_DELIVERY =
  '\n\nThe answer does not say why. With supertest, send the text of signedRequest(), because send() serialises an object or a Buffer again. Otherwise call diagnose() in onReject.'

async function diagnosis(
  { body, headers }: NonNullable<Outcome['delivery']>,
  options?: SecretOptions,
): Promise<string> {
  if (!options) return '\n\nFor a diagnosis, give the secret: toBeAccepted({ secret })'
  const { secret, ...others } = own(options)
  return explain({ body, headers }, secret, others)
}

/** Verifies what the test says is a delivery. */
async function check(received: unknown, options: SecretOptions): Promise<Outcome> {
  // It is checked there.
  const { body, headers } = await parts(received as Delivery)
  const verify = createVerifier({ ...options, parse: 'none', warn: false })
  return readOutcome(verify.check(body, headers))
}

async function outcomeOf(received: unknown, call: string): Promise<Outcome> {
  if (isDelivery(received)) throw new TypeError(`a delivery needs a secret: ${call}`)
  return readOutcome(received)
}

function isDelivery(received: unknown): boolean {
  const value = Object(received)
  return 'headers' in value && 'body' in value && !('status' in value || 'statusCode' in value)
}

async function parts(received: Delivery): Promise<{ body: WebhookBody; headers: HeadersInput }> {
  if (!isDelivery(received)) {
    throw new TypeError(
      `expect() needs a delivery: a Request, or { body, headers }, not ${found(received)}`,
    )
  }
  const { headers } = received
  if (!('clone' in received)) return { body: received.body, headers }
  assertUnread(received)
  return { body: await received.clone().arrayBuffer(), headers }
}

/**
 * Matchers for `expect.extend`, in Jest and in Vitest. A failure says what `diagnose` finds.
 *
 * @example
 * ```ts
 * import { expect, test } from '@jest/globals'
 * import { generateSecret } from 'countersign/sign'
 * import { matchers, signedRequest } from 'countersign/testing'
 *
 * expect.extend(matchers)
 * test('what we send verifies', async () => {
 *   const secret = generateSecret()
 *   await expect(await signedRequest({ secret })).toBeVerifiedBy(secret)
 * })
 * ```
 */
export const matchers = { toBeVerifiedBy, toBeAccepted, toBeRefusedWith }
