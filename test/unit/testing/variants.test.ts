import { describe, expect, test } from '@jest/globals'
import { createVerifier } from 'countersign'
import { generateSecret } from 'countersign/sign'
import {
  clock,
  duplicatedRequest,
  futureRequest,
  rotatedRequest,
  type SignedRequest,
  signedRequest,
  staleRequest,
  tamperedRequest,
  wrongKeyRequest,
} from 'countersign/testing'

const secret = generateSecret()
const verify = createVerifier({ secret })

async function codeOf({ body, headers }: SignedRequest): Promise<string> {
  const verdict = await verify.check(body, headers)
  return verdict.ok ? 'accepted' : verdict.error.code
}

test('each is refused for the one reason it is named for', async () => {
  expect(await codeOf(await signedRequest({ secret }))).toBe('accepted')
  expect(await codeOf(await staleRequest({ secret }))).toBe('timestamp_too_old')
  expect(await codeOf(await futureRequest({ secret }))).toBe('timestamp_too_new')
  expect(await codeOf(await tamperedRequest({ secret }))).toBe('signature_mismatch')
  expect(await codeOf(await wrongKeyRequest({ secret }))).toBe('signature_mismatch')
  expect(await codeOf(await rotatedRequest({ secret }))).toBe('accepted')
})

test('the shifted ones are by the clock and the distance asked for', async () => {
  const now = clock(1_700_000_000_000)
  const stale = await staleRequest({ secret, now, by: 250 })
  expect(stale.headers['webhook-timestamp']).toBe('1699999750')
  const future = await futureRequest({ secret, now })
  expect(future.headers['webhook-timestamp']).toBe('1700000600')
})

describe('tampered', () => {
  test.each(['{"a":1}', '{}', ' { }', '{"a":{"b":[]}}'])('%s stays JSON', async (body) => {
    const tampered = await tamperedRequest({ secret, body })
    expect(JSON.parse(tampered.text)).toEqual({ tampered: true, ...JSON.parse(body) })
  })

  test.each(['', 'text', '[1]'])('%p is another body', async (body) => {
    const tampered = await tamperedRequest({ secret, body })
    expect(tampered.text).not.toBe(body)
    expect(await codeOf(tampered)).toBe('signature_mismatch')
  })
})

test('a rotated one verifies with either secret', async () => {
  const previous = generateSecret()
  const { body, headers } = await rotatedRequest({ secret: [secret], previous })
  expect(headers['webhook-signature'].split(' ')).toHaveLength(2)
  for (const known of [previous, secret]) {
    expect((await createVerifier({ secret: known }).check(body, headers)).ok).toBe(true)
  }
})

test.each([{}, { id: 'msg_1', timestamp: Math.floor(Date.now() / 1000) }])(
  'duplicated: two attempts at one delivery (%#)',
  async (options) => {
    const [first, second] = await duplicatedRequest({ secret, payload: { n: 1 }, ...options })
    expect([await codeOf(first), await codeOf(second)]).toEqual(['accepted', 'accepted'])
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id'])
    expect(second.text).toBe(first.text)
    const times = [first, second].map(({ headers }) => Number(headers['webhook-timestamp']))
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBe(60)
    expect(second.headers['webhook-signature']).not.toBe(first.headers['webhook-signature'])
  },
)
