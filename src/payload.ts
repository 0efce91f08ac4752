import type { Awaitable } from './awaitable.js'
import { decodeUtf8 } from './bytes.js'
import { WebhookError } from './errors.js'
import { choiceOption } from './options.js'
import type { SchemaResult, VerifierOptions } from './types.js'

/** Parses what has been verified: JSON unless told otherwise, then the schema. Both can only end in `payload_invalid`. */
export function createPayloadParser<T>({
  parse,
  schema,
}: Pick<VerifierOptions<T>, 'parse' | 'schema'>): (body: Uint8Array) => Awaitable<T> {
  if (choiceOption('parse', parse, ['json', 'none']) === 'none') {
    if (schema) throw new TypeError("schema needs parse: 'json'")
    return () => undefined as T
  }
  if (!schema) return parseJson as (body: Uint8Array) => T
  const validate = schema['~standard']?.validate
  if (typeof validate !== 'function')
    throw new TypeError('schema must be a Standard Schema validator')

  return async (body) => {
    const value = parseJson(body)
    let result: SchemaResult<T>
    try {
      result = await validate(value)
    } catch (error) {
      throw invalid('the schema failed on the payload', error)
    }
    if (result.issues) throw invalid('the payload does not fit the schema', result.issues)
    return result.value
  }
}

function parseJson(body: Uint8Array): unknown {
  if (body.length === 0) return undefined
  try {
    return JSON.parse(decodeUtf8(body))
  } catch {
    // No cause: the runtime's own message quotes the body.
    throw invalid('the body is authentic but is not JSON in UTF-8')
  }
}

function invalid(message: string, cause?: unknown): WebhookError {
  return new WebhookError('payload_invalid', message, { cause })
}
