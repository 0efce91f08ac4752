import { decodeUtf8, encodeUtf8 } from '../base/bytes.js'
import { isChunks, readChunks } from '../base/read-chunks.js'
import { AccountError } from './account-error.js'

export const NO_RESPONSE = 'the fetch function must return a Response, with a status and a body'

/** Reads a JSON object of at most `maxBytes`. Counts the bytes that arrive, not the announced length. Throws an {@link AccountError}. */
export async function readJson(response: Response, maxBytes: number): Promise<object> {
  const { status } = response
  const bytes = await readBytes(response, maxBytes)
  if (!bytes) {
    throw new AccountError(
      'answer_too_large',
      `the account API answered with more than ${maxBytes} bytes: check baseUrl, or raise maxResponseBytes`,
      { status },
    )
  }
  let value: unknown
  try {
    value = JSON.parse(decodeUtf8(bytes))
  } catch {
    // Bytes that are not UTF-8 are not JSON either. No `cause`: the runtime's message quotes the answer, which may hold the secret.
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new AccountError(
    'answer_invalid',
    `the account API answered ${status} without a JSON object: check baseUrl and proxies`,
    { status },
  )
}

/** Takes a `Response`, or the object that a polyfill or a stub of `fetch` returns. Resolves to `undefined` if there are more than `maxBytes`. */
async function readBytes(response: Response, maxBytes: number): Promise<Uint8Array | undefined> {
  const { body } = response
  if (isChunks(body)) return readChunks('getReader' in body ? body : encoded(body), maxBytes)
  const whole = await readWhole(response)
  return whole.length > maxBytes ? undefined : whole
}

/** A stream of Node may deliver text. */
async function* encoded(chunks: AsyncIterable<Uint8Array | string>): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) yield typeof chunk === 'string' ? encodeUtf8(chunk) : chunk
}

/** Without a stream, the runtime reads the whole body before the bytes can be counted. */
async function readWhole(response: Partial<Response>): Promise<Uint8Array> {
  if (response.arrayBuffer) return new Uint8Array(await response.arrayBuffer())
  if (response.text) return encodeUtf8(await response.text())
  if (response.json) return encodeUtf8(JSON.stringify(await response.json()) ?? '')
  throw new AccountError('answer_invalid', NO_RESPONSE, { status: response.status })
}
