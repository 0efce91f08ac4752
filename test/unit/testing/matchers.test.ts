import { expect, test } from '@jest/globals'
import { createVerifier, WebhookError } from 'countersign'
import { verifyWebhook } from 'countersign/express'
import { verifyRequest } from 'countersign/fetch'
import { generateSecret } from 'countersign/sign'
import {
  clock,
  matchers,
  signedRequest,
  staleRequest,
  tamperedRequest,
  wrongKeyRequest,
} from 'countersign/testing'
import express from 'express'
import request from 'supertest'

expect.extend(matchers)

const secret = generateSecret()
const verify = createVerifier({ secret })

async function failureOf(assertion: Promise<void>): Promise<string> {
  const error: unknown = await assertion.then(
    () => undefined,
    (error) => error,
  )
  expect(error).toBeInstanceOf(Error)
  return (error as Error).message
}

test('toBeVerifiedBy takes a signed request, its parts, and a Request', async () => {
  const signed = await signedRequest({ secret })
  await expect(signed).toBeVerifiedBy(secret)
  await expect({ body: signed.text, headers: new Headers(signed.headers) }).toBeVerifiedBy(secret)
  const fetched = signed.toRequest()
  await expect(fetched).toBeVerifiedBy(secret)
  expect(fetched.bodyUsed).toBe(false)
  await expect(signed).not.toBeVerifiedBy(generateSecret())
})

test('toBeVerifiedBy takes a clock and a tolerance', async () => {
  const now = clock('2026-01-01T00:00:00Z')
  const signed = await signedRequest({ secret, now })
  await expect(signed).not.toBeVerifiedBy(secret)
  await expect(signed).toBeVerifiedBy(secret, { now })
  now.advance(600)
  await expect(signed).toBeVerifiedBy(secret, { now, tolerance: 600 })
})

test('a failure says what is wrong, and shows no secret', async () => {
  const { body, headers } = await signedRequest({ secret, payload: { a: 1 } })
  const stringified = {
    headers,
    body: JSON.stringify(JSON.parse(Buffer.from(body).toString()), null, 2),
  }
  const message = await failureOf(expect(stringified).toBeVerifiedBy(secret))
  expect(message).toContain('signature_mismatch')
  expect(message).toContain('body_reserialised')
  expect(message).toContain('Fix: ')
  expect(message).not.toContain(secret)
  const good = await failureOf(expect({ body, headers }).not.toBeVerifiedBy(secret))
  expect(good).toMatch(/^expected the delivery not to verify, but it does, with key \S{8}$/)
})

test('a secret that is looked up, or kept by a source, is not taken for a broken one', async () => {
  const signed = await signedRequest({ secret })
  const source = { read: () => ({ keys: [] }), reread: async () => ({ keys: [] }) }
  for (const other of [() => generateSecret(), source]) {
    const message = await failureOf(expect(signed).toBeVerifiedBy(other as never))
    expect(message).toMatch(/^expected the delivery to verify, but: (signature|secret)_\w+: /)
    expect(message).toMatch(/1\. secret_(wrong|unusable)/)
  }
  const tampered = await tamperedRequest({ secret })
  const message = await failureOf(expect(tampered).toBeVerifiedBy((() => secret) as never))
  expect(message).toContain('signature_mismatch')
})

test('a code that does not exist is a mistake of the test, under not as well', async () => {
  const misspelt = 'signature_mismatched' as never
  const error = new WebhookError('signature_mismatch')
  expect(await failureOf(expect(error).toBeRefusedWith(misspelt))).toContain('there is no code')
  expect(await failureOf(expect(error).not.toBeRefusedWith(misspelt))).toContain('there are: ')
})

test('a body that was read already is told', async () => {
  const sent = (await signedRequest({ secret })).toRequest()
  await sent.text()
  expect(await failureOf(expect(sent).toBeVerifiedBy(secret))).toContain('read already')
  const answer = Response.json({ code: 'header_missing' }, { status: 400 })
  await answer.json()
  const assertion = expect(answer).toBeRefusedWith('header_missing')
  expect(await failureOf(assertion)).toContain('read already')
})

test('toBeRefusedWith takes errors, verdicts, promises and functions', async () => {
  const { body, headers } = await staleRequest({ secret })
  const code = 'timestamp_too_old'
  await expect(verify(body, headers)).toBeRefusedWith(code)
  await expect(() => verify(body, headers)).toBeRefusedWith(code)
  await expect(verify.check(body, headers)).toBeRefusedWith(code)
  await expect(await verify.check(body, headers)).toBeRefusedWith(code)
  await expect(new WebhookError(code)).toBeRefusedWith(code)
  await expect(verify(body, headers)).rejects.toBeRefusedWith(code)
  await expect(verify(body, headers)).not.toBeRefusedWith('signature_mismatch')
})

test('toBeRefusedWith takes a delivery where a secret says how to verify it', async () => {
  await expect(await tamperedRequest({ secret })).toBeRefusedWith('signature_mismatch', { secret })
  await expect(await wrongKeyRequest({ secret })).toBeRefusedWith('signature_mismatch', { secret })
  const misuse = expect(await signedRequest({ secret })).toBeRefusedWith('signature_mismatch')
  expect(await failureOf(misuse)).toContain('{ secret }')
})

test('toBeRefusedWith takes the answers of supertest, fetch, inject and Lambda', async () => {
  const app = express().post('/', verifyWebhook({ secret }), (_, response) => {
    response.sendStatus(204)
  })
  const { text, headers } = await tamperedRequest({ secret })
  const answer = await request(app).post('/').set(headers).send(text)
  await expect(answer).toBeRefusedWith('signature_mismatch')
  const { status, body } = answer
  await expect(new Response(JSON.stringify(body), { status })).toBeRefusedWith('signature_mismatch')
  await expect({ statusCode: status, body: JSON.stringify(body) }).toBeRefusedWith(
    'signature_mismatch',
  )
  await expect({ status, data: body }).toBeRefusedWith('signature_mismatch')
  const verdict = verifyRequest((await tamperedRequest({ secret })).toRequest(), { secret })
  await expect(verdict).toBeRefusedWith('signature_mismatch')
})

test('what was not refused so is told', async () => {
  const { body, headers } = await signedRequest({ secret })
  const expected = 'expected it to be refused with payload_invalid, but got: '
  const about = (received: unknown): Promise<string> =>
    failureOf(expect(received).toBeRefusedWith('payload_invalid'))
  expect(await about(verify(body, headers))).toBe(`${expected}accepted`)
  expect(await about(await verify.check(body, headers))).toBe(`${expected}accepted`)
  expect(await about(undefined)).toBe(`${expected}nothing (undefined)`)
  expect(await about('text')).toBe(`${expected}no refusal but a value (string)`)
  expect(await about({ statusCode: 204, body: '' })).toBe(`${expected}status 204`)
  expect(await about(new WebhookError('header_missing', 'no id'))).toBe(
    `${expected}header_missing: no id`,
  )
  expect(await about(Promise.reject(new Error('other')))).toBe('other')
  const wrong = expect(new WebhookError('header_missing')).not.toBeRefusedWith('header_missing')
  expect(await failureOf(wrong)).toContain('not to be refused with header_missing')
})

test('what is no delivery is a mistake of the test', async () => {
  expect(await failureOf(expect('text').toBeVerifiedBy(secret))).toContain('a Request, or')
})
