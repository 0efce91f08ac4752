import type { WebhookErrorCode } from '../base/errors.js'
import { own } from '../base/options.js'
import type { HeadersInput, SecretInput, WebhookBody } from '../delivery/types.js'
import { diagnose } from '../diagnose/index.js'
import { STATUS } from '../http/index.js'
import { createVerifier } from '../verify.js'
import type { MatcherOptions } from './matcher-types.js'
import { assertUnread, type Refusal, readRefusal } from './refusal.js'

/** What Jest and Vitest ask of a matcher. */
export interface MatcherResult {
  readonly pass: boolean
  message(): string
}

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
  delivery: { body: WebhookBody; headers: HeadersInput },
  secret: SecretInput,
  options: MatcherOptions = {},
): Promise<string> {
  const { headers: headerNames, ...others } = own(options)
  return `\n\n${await diagnose({ ...others, ...delivery, secret, headerNames })}`
}

async function toBeRefusedWith(
  received: unknown,
  code: WebhookErrorCode,
  options?: MatcherOptions & { secret: SecretInput },
): Promise<MatcherResult> {
  if (!Object.hasOwn(STATUS, code)) {
    throw new TypeError(`there is no code ${code}; there are: ${Object.keys(STATUS).join(', ')}`)
  }
  const { code: found, text } = await refusalOf(received, options)
  return {
    pass: found === code,
    message: () =>
      found === code
        ? `expected it not to be refused with ${code}`
        : `expected it to be refused with ${code}, but got: ${text}`,
  }
}

async function refusalOf(
  received: unknown,
  options?: MatcherOptions & { secret: SecretInput },
): Promise<Refusal> {
  if (options) {
    // With a secret the test says that this is a delivery.
    const { body, headers } = await parts(received as Delivery)
    return readRefusal(
      createVerifier({ ...options, parse: 'none', warn: false }).check(body, headers),
    )
  }
  if (isDelivery(received)) {
    throw new TypeError('a delivery needs a secret: toBeRefusedWith(code, { secret })')
  }
  return readRefusal(received)
}

function isDelivery(received: unknown): boolean {
  const value = Object(received)
  return 'headers' in value && 'body' in value && !('status' in value || 'statusCode' in value)
}

async function parts(received: Delivery): Promise<{ body: WebhookBody; headers: HeadersInput }> {
  if (!isDelivery(received)) {
    throw new TypeError('expect() needs a delivery: a Request, or { body, headers }')
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
export const matchers = { toBeVerifiedBy, toBeRefusedWith }
