import { describe, expect, test } from '@jest/globals'
import { createVerifier } from 'countersign'
import { generateKeyPair, generateSecret } from 'countersign/sign'
import {
  duplicatedRequest,
  rotatedRequest,
  type SignedRequestOptions,
  signedRequest,
  staleRequest,
  wrongKeyRequest,
} from 'countersign/testing'
import { Webhook } from 'standardwebhooks'

const secret = generateSecret()

describe('signedRequest', () => {
  test('verifies here and with standardwebhooks', async () => {
    const { body, headers, text } = await signedRequest({ secret, payload: { n: 1 } })
    expect((await createVerifier({ secret })(body, headers)).payload).toEqual({ n: 1 })
    expect(new Webhook(secret.slice(3)).verify(text, headers)).toEqual({ n: 1 })
  })
  test('text and bytes are the same body', async () => {
    for (const body of ['{"a":"\u00eb"}', '\uFEFF{}', '']) {
      const request = await signedRequest({ secret, body })
      expect(request.text).toBe(body)
      expect(Buffer.from(request.body).toString()).toBe(body)
    }
  })
  test('without a payload it is a small event, as JSON', async () => {
    const { text, headers } = await signedRequest({ secret })
    expect(JSON.parse(text)).toEqual({ type: expect.any(String) })
    expect(headers['content-type']).toBe('application/json')
  })
  test('the bytes of a body are not touched', async () => {
    const bytes = Uint8Array.of(0xff, 0x00, 0xfe)
    const { body, headers } = await signedRequest({ secret, body: bytes })
    expect(Buffer.compare(body, bytes)).toBe(0)
    const webhook = await createVerifier({ secret, parse: 'none' })(body, headers)
    expect(Buffer.compare(webhook.body, bytes)).toBe(0)
  })
  test('bytes that change afterwards do not change the request', async () => {
    const bytes = new TextEncoder().encode('{"n":1}')
    const { body } = await signedRequest({ secret, body: bytes })
    bytes.fill(0)
    expect(new TextDecoder().decode(body)).toBe('{"n":1}')
  })
  test.each([null, 0, '', false, []])('the payload %p is sent unchanged', async (payload) => {
    expect((await signedRequest({ secret, payload })).text).toBe(JSON.stringify(payload))
  })
  test('id and timestamp can be chosen, to make a replay or a stale delivery', async () => {
    const timestamp = new Date(Date.now() - 301_000)
    const { body, headers } = await signedRequest({ secret, id: 'msg_1', timestamp })
    expect(headers['webhook-id']).toBe('msg_1')
    const verdict = await createVerifier({ secret }).check(body, headers)
    expect(verdict).toMatchObject({ ok: false, error: { code: 'timestamp_too_old' } })
  })
  test('the clock can be chosen', async () => {
    const now = (): number => 1_700_000_000_000
    const { body, headers } = await signedRequest({ secret, now })
    expect(headers['webhook-timestamp']).toBe('1700000000')
    expect((await createVerifier({ secret, now }).check(body, headers)).ok).toBe(true)
  })
  test('each has an id of its own', async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, () => signedRequest({ secret })))
    expect(new Set(ids.map(({ headers }) => headers['webhook-id'])).size).toBe(50)
  })
  test('several secrets, and ed25519', async () => {
    const pair = await generateKeyPair()
    const { body, headers } = await signedRequest({ secret: [secret, pair.secret] })
    for (const key of [secret, pair.publicKey]) {
      expect((await createVerifier({ secret: key }).check(body, headers)).ok).toBe(true)
    }
  })
  test.each([
    {},
    { secret: '' },
    { secret: 'wh_asdf1234' },
    { secret, id: 'two words' },
    { secret, timestamp: Number.NaN },
    { secret, timestamp: new Date('never') },
    { secret, header: 'x' },
    { secret, payload: undefined, body: { a: 1 } },
    undefined,
  ])('%p is refused', async (options) => {
    await expect(signedRequest(options as unknown as SignedRequestOptions)).rejects.toThrow()
  })
  test('a payload that is not a JSON value is a TypeError', async () => {
    for (const payload of [() => {}, Symbol('x'), 1n]) {
      await expect(signedRequest({ secret, payload })).rejects.toThrow(TypeError)
    }
  })
})

test('payload and body together are a mistake: one of them would be ignored', async () => {
  const both = { secret: generateSecret(), payload: { a: 1 }, body: '{"a":2}' }
  await expect(signedRequest(both as never)).rejects.toThrow('payload or body, not both')
})

test('a misspelt option names every option of the function it was given to', async () => {
  const secret = generateSecret()
  const names = 'secret, payload, body, id, timestamp, now, minSecretBytes'
  const given = { secret, paylod: 1 } as never
  await expect(signedRequest(given)).rejects.toThrow(
    `unknown option paylod; the options are: ${names}`,
  )
  const shifted = 'secret, payload, body, id, now, minSecretBytes, by'
  await expect(staleRequest(given)).rejects.toThrow(`the options are: ${shifted}`)
  await expect(staleRequest({ secret, timestamp: 1 } as never)).rejects.toThrow('option timestamp')
  await expect(rotatedRequest(given)).rejects.toThrow(`the options are: ${names}, previous`)
  await expect(duplicatedRequest(given)).rejects.toThrow(`the options are: ${names}`)
  await expect(wrongKeyRequest(given)).rejects.toThrow(`the options are: ${names}`)
})

test.each([() => {}, Symbol('x')])('a payload that JSON cannot hold: %p', async (payload) => {
  const sent = signedRequest({ secret: generateSecret(), payload })
  await expect(sent).rejects.toThrow(`JSON can hold, not a ${typeof payload}`)
})

test.each([null, 0, '', false])(
  'payload %p and an empty body are two contents',
  async (payload) => {
    const both = { secret: generateSecret(), payload, body: '' } as never
    await expect(signedRequest(both)).rejects.toThrow(TypeError)
  },
)
