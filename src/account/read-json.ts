import { concatBytes, decodeUtf8 } from '../base/bytes.js'
import { AccountError } from './account-error.js'

/** Reads a JSON object of at most `maxBytes`, counting what really arrives. Throws an {@link AccountError}. */
export async function readJson(response: Response, maxBytes: number): Promise<object> {
  const bytes = await readBytes(response, maxBytes)
  let value: unknown
  try {
    value = JSON.parse(decodeUtf8(bytes))
  } catch {
    // No cause: the runtime's own message quotes the answer, which may hold the secret.
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new AccountError('answer_invalid', 'the account API did not answer with a JSON object', {
    status: response.status,
  })
}

async function readBytes(response: Response, maxBytes: number): Promise<Uint8Array> {
  const reader = response.body?.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true }
    if (done || !value) return concatBytes(chunks, length)
    length += value.length
    if (length > maxBytes) {
      await reader?.cancel()
      throw new AccountError(
        'answer_too_large',
        `the account API answered more than ${maxBytes} bytes`,
        { status: response.status },
      )
    }
    chunks.push(value)
  }
}
