import { expect, test } from '@jest/globals'
import { createVerifier } from 'countersign'
import { generateSecret } from 'countersign/sign'
import { clock, signedRequest } from 'countersign/testing'

test('stands still until it is moved', () => {
  const now = clock('2026-01-01T00:00:00Z')
  expect(now()).toBe(Date.UTC(2026, 0, 1))
  now.advance(1.5)
  expect(now()).toBe(Date.UTC(2026, 0, 1) + 1500)
  now.advance(-2)
  expect(now()).toBe(Date.UTC(2026, 0, 1) - 500)
  now.set(new Date(7))
  expect(now()).toBe(7)
  now.set(8)
  expect(now()).toBe(8)
})

test('starts at the present', () => {
  const before = Date.now()
  expect(clock()()).toBeGreaterThanOrEqual(before)
})

test.each(['yesterday', Number.NaN])('refuses %p, which is not a time', (time) => {
  expect(() => clock(time)).toThrow(`a clock needs a time: `)
  expect(() => clock(time)).toThrow(
    `not ${JSON.stringify(time) === 'null' ? 'NaN' : '"yesterday"'}`,
  )
  expect(() => clock(0).set(time)).toThrow(TypeError)
})

test('is the clock of signer and verifier', async () => {
  const [now, secret] = [clock('2026-01-01T00:00:00Z'), generateSecret()]
  const verify = createVerifier({ secret, now })
  const { body, headers } = await signedRequest({ secret, now })
  now.advance(300)
  expect((await verify.check(body, headers)).ok).toBe(true)
  now.advance(1)
  expect(await verify.check(body, headers)).toMatchObject({ error: { code: 'timestamp_too_old' } })
})
