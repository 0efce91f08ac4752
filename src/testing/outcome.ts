import { isWebhookError, type WebhookErrorCode } from '../base/errors.js'
import type { RefusedDelivery } from '../base/input.js'

/** What came of a delivery. */
export interface Outcome {
  /** `undefined` if it cannot be known: what the test has in hand is neither a verdict nor an answer. */
  readonly accepted: boolean | undefined
  /** The code it was refused with, if it was. */
  readonly code: string | undefined
  /** A line for people. */
  readonly text: string
  /** The refused delivery, if an error has it. */
  readonly delivery?: RefusedDelivery
}

/**
 * Reads the outcome out of whatever a test has in hand: an error, a verdict, a promise or function that ends in one, or the answer
 * of fetch, axios, supertest, Fastify's `inject` or a Lambda handler.
 */
export async function readOutcome(received: unknown): Promise<Outcome> {
  try {
    return await outcomeOf(await settle(received))
  } catch (error) {
    if (isWebhookError(error)) {
      const { code, message, delivery } = error
      return { accepted: false, code, text: `${code}: ${message}`, delivery }
    }
    // axios and superagent reject with an error that has the answer.
    const { response } = Object(error)
    if (statusOf(response) === undefined) throw error
    return outcomeOf(response)
  }
}

async function settle(received: unknown): Promise<unknown> {
  const value: unknown = await (typeof received === 'function' ? received() : received)
  if (isWebhookError(value)) throw value
  const { ok, error } = Object(value)
  if (ok === false && isWebhookError(error)) throw error
  return value
}

async function outcomeOf(value: unknown): Promise<Outcome> {
  const status = statusOf(value)
  if (status === undefined) return describe(value)
  const { code, detail } = await problemIn(value)
  const accepted = status >= 200 && status < 300
  const reason = [code && ` (${code})`, detail && `: ${detail}`].filter(Boolean).join('')
  return { accepted, code, text: `status ${status}${reason}` }
}

function statusOf(value: unknown): number | undefined {
  const { status, statusCode } = Object(value)
  const found: unknown = status ?? statusCode
  return typeof found === 'number' ? found : undefined
}

/** The outcome of what is neither a refusal nor an answer. */
function describe(value: unknown): Outcome {
  const { ok, keyId } = Object(value)
  if (ok === true || typeof keyId === 'string') {
    return { accepted: true, code: undefined, text: 'accepted' }
  }
  const text =
    value === undefined ? 'nothing (undefined)' : `no refusal but a value (${typeof value})`
  return { accepted: undefined, code: undefined, text }
}

/** A body can be read once; a test that has read it must use what it read. */
export function assertUnread({ bodyUsed }: { readonly bodyUsed?: unknown }): void {
  if (bodyUsed !== true) return
  throw new TypeError(
    'the body was read already, which can be done once: hand the request or answer to expect() before you read it, or keep a clone() of it',
  )
}

/** The `code` and `detail` of a problem document. */
async function problemIn(
  answer: unknown,
): Promise<{ code: WebhookErrorCode | undefined; detail: string | undefined }> {
  assertUnread(Object(answer))
  const { clone, text, body, data } = Object(answer)
  const content: unknown =
    typeof clone === 'function'
      ? await clone.call(answer).text()
      : typeof text === 'string'
        ? text
        : (body ?? data)
  const problem = typeof content === 'string' ? parse(content) : content
  const { code, detail } = Object(problem)
  return {
    // It comes from outside, and is only compared and printed.
    code: typeof code === 'string' ? (code as WebhookErrorCode) : undefined,
    detail: typeof detail === 'string' ? detail : undefined,
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
