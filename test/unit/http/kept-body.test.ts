import { describe, expect, test } from '@jest/globals'
import { isWebhookError } from 'countersign'
import { readKeptBody } from 'countersign/http'

const text = '{"name":"Zo\u00eb"}'
const bytes = new TextEncoder().encode(text)
const origin = { headers: {} }

describe('readKeptBody', () => {
  test.each(
    Object.entries({
      arrayBuffer: { arrayBuffer: bytes.buffer },
      'a promise of it': { arrayBuffer: Promise.resolve(bytes.buffer) },
      blob: { blob: Promise.resolve(new Blob([bytes])) },
      text: { text: Promise.resolve(text) },
      'the bytes before the text': { arrayBuffer: bytes.buffer, text: 'another' },
    }),
  )('%s', async (_name, kept) => {
    expect(await readKeptBody(kept, origin, bytes.length)).toEqual(bytes)
    await expect(readKeptBody(kept, origin, bytes.length - 1)).rejects.toMatchObject({
      code: 'body_too_large',
    })
  })
  test('a parsed body never counts', async () => {
    const kept = { json: Promise.resolve({}), formData: Promise.resolve(new FormData()) }
    await expect(readKeptBody(kept as object, origin, 100)).rejects.toMatchObject({
      code: 'body_unavailable',
    })
  })
  test('text that may not be what arrived does not count', async () => {
    const headers = { 'content-length': '3' }
    await expect(readKeptBody({ text }, { headers }, 100)).rejects.toMatchObject({
      code: 'body_unavailable',
    })
  })
  test.each([
    ['without Node’s request', undefined, false],
    ['read twice', { complete: true }, false],
    ['broken off by the sender', { complete: false }, true],
  ])('a reading that failed, %s', async (_name, incoming, isQuiet) => {
    const cause = new Error('failed')
    const kept = { arrayBuffer: Promise.reject(cause) }
    const error = await readKeptBody(kept, { headers: {}, incoming }, 100).catch((error) => error)
    expect(isWebhookError(error)).toBe(true)
    // Prints no warning only if the sender is the cause.
    expect(error).toMatchObject({ code: 'body_unavailable', cause, quiet: isQuiet })
  })
})
