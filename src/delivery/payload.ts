import type { Awaitable } from '../base/awaitable.js'
import { utf8Decoder } from '../base/bytes.js'
import { refusal, type WebhookError } from '../base/errors.js'
import type { StandardSchema } from './types.js'

/** Parses a verified body as JSON, unless `parse` is `'none'`, and then applies the schema. Both fail only with `payload_invalid`. */
export function createPayloadParser<T>(
  parse: 'json' | 'none',
  schema: StandardSchema<T> | undefined,
): (body: Uint8Array) => Awaitable<T> {
  const isJson = parse === 'json'
  if (schema === undefined) return (isJson ? parseJson : () => undefined) as (body: Uint8Array) => T
  if (!isJson) throw new TypeError("schema needs a parsed body: leave out parse: 'none'")
  const standard = schema?.['~standard']
  if (typeof standard?.validate !== 'function') {
    throw new TypeError(
      'schema must be a Standard Schema, such as one of zod 3.24, valibot 1 or arktype 2',
    )
  }
  return async (body) => {
    const value = parseJson(body)
    let issues: unknown
    try {
      const result = await standard.validate(value)
      // If the validator returns nothing, `in` throws and the payload is refused.
      if ('value' in result && !result.issues) return result.value
      issues = result.issues
    } catch (error) {
      // A validator that throws counts as a payload that does not fit.
      issues = [error]
    }
    throw invalid('the payload does not fit the schema; error.cause holds the issues', issues)
  }
}

function parseJson(body: Uint8Array): unknown {
  const decoder = utf8Decoder()
  try {
    return body.length ? JSON.parse(decoder.decode(body)) : undefined
  } catch {
    // No `cause`: the runtime's message quotes the body.
    throw invalid(
      "the body is authentic but is not JSON in UTF-8; set parse: 'none' to take it as bytes",
    )
  }
}

function invalid(message: string, cause?: unknown): WebhookError {
  return refusal('payload_invalid', message, { cause })
}
