import { isWebhookError, type WebhookErrorCode } from '../base/errors.js'

/** What came of a delivery: the code it was refused with, if it was, and a line for people. */
export interface Refusal {
  readonly code: string | undefined
  readonly text: string
}

/**
 * Reads the refusal out of whatever a test has in hand: an error, a verdict, a promise or function that ends in one, or the answer
 * of fetch, axios, supertest, Fastify's `inject` or a Lambda handler.
 */
export async function readRefusal(received: unknown): Promise<Refusal> {
  try {
    return refusalOf(await settle(received))
  } catch (error) {
    if (isWebhookError(error)) return { code: error.code, text: `${error.code}: ${error.message}` }
    throw error
  }
}

async function settle(received: unknown): Promise<unknown> {
  const value: unknown = await (typeof received === 'function' ? received() : received)
  if (isWebhookError(value)) throw value
  const { ok, error } = Object(value)
  if (ok === false && isWebhookError(error)) throw error
  return value
}

async function refusalOf(value: unknown): Promise<Refusal> {
  const { status, statusCode } = Object(value)
  const httpStatus: unknown = status ?? statusCode
  if (typeof httpStatus !== 'number') return { code: undefined, text: describe(value) }
  const code = await codeIn(value)
  const text = `status ${httpStatus}${code === undefined ? '' : ` (${code})`}`
  return { code, text }
}

/** What came of it, where that is no refusal and no answer. */
function describe(value: unknown): string {
  const { ok, keyId } = Object(value)
  if (ok === true || typeof keyId === 'string') return 'accepted'
  return value === undefined ? 'nothing (undefined)' : `no refusal but a value (${typeof value})`
}

/** A body is there once; whoever read it has what it held. */
export function assertUnread({ bodyUsed }: { readonly bodyUsed?: unknown }): void {
  if (bodyUsed !== true) return
  throw new TypeError('its body was read already: hand it to expect() before, or a clone() of it')
}

/** The `code` of a problem document. */
async function codeIn(answer: unknown): Promise<WebhookErrorCode | undefined> {
  assertUnread(Object(answer))
  const { clone, text, body, data } = Object(answer)
  const content: unknown =
    typeof clone === 'function'
      ? await clone.call(answer).text()
      : typeof text === 'string'
        ? text
        : (body ?? data)
  const problem = typeof content === 'string' ? parse(content) : content
  const code: unknown = Object(problem).code
  // It comes from outside, and is only compared and printed.
  return typeof code === 'string' ? (code as WebhookErrorCode) : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
