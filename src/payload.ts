import type { Awaitable } from './awaitable.js'
import { decodeUtf8 } from './bytes.js'
import { WebhookError } from './errors.js'
import type { SchemaResult, StandardSchema } from './types.js'

/** Parses what has been verified: JSON unless told otherwise, then the schema. Both can only end in `payload_invalid`. */
export function createPayloadParser<T>(
  parse: 'json' | 'none',
  schema: StandardSchema<T> | undefined,
): (body: Uint8Array) => Awaitable<T> {
  if (schema === undefined)
    return (parse === 'json' ? parseJson : nothing) as (body: Uint8Array) => T
  const validate = schema?.['~standard']?.validate
  if (typeof validate !== 'function' || parse === 'none') {
    throw new TypeError("schema must be a Standard Schema validator, with parse: 'json'")
  }
  return async (body) => {
    const value = parseJson(body)
    let result: SchemaResult<T>
    try {
      result = await validate(value)
    } catch (error) {
      throw invalid('the schema failed', error)
    }
    if (result.issues) throw invalid('the payload does not fit the schema', result.issues)
    return result.value
  }
}

function nothing(): undefined {}

function parseJson(body: Uint8Array): unknown {
  try {
    return body.length ? JSON.parse(decodeUtf8(body)) : undefined
  } catch {
    // No cause: the runtime's own message quotes the body.
    throw invalid('the body is authentic, but not JSON in UTF-8')
  }
}

function invalid(message: string, cause?: unknown): WebhookError {
  return new WebhookError('payload_invalid', message, { cause })
}
