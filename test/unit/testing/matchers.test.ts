import { describe, expect, test } from '@jest/globals'
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

test('toBeVerifiedBy takes a body that is not JSON', async () => {
  await expect(await signedRequest({ secret, body: 'plain text' })).toBeVerifiedBy(secret)
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
  expect(await failureOf(expect(error).toBeRefusedWith(misspelt))).toContain('unknown code')
  expect(await failureOf(expect(error).not.toBeRefusedWith(misspelt))).toContain('the codes are: ')
  const inherited = expect(error).not.toBeRefusedWith('toString' as never)
  expect(await failureOf(inherited)).toContain('unknown code toString')
})

test('a body that was already read is reported', async () => {
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

test('toBeRefusedWith takes a delivery if a secret is given to verify it', async () => {
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

test('another outcome is reported', async () => {
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

test('a value that is not a delivery is a mistake of the test', async () => {
  expect(await failureOf(expect('text').toBeVerifiedBy(secret))).toContain('a Request, or')
})

describe('toBeAccepted', () => {
  const app = express().post('/', verifyWebhook({ secret }), (_, response) => {
    response.sendStatus(204)
  })

  test('takes verdicts, webhooks, promises and functions', async () => {
    const { body, headers } = await signedRequest({ secret })
    await expect(verify(body, headers)).toBeAccepted()
    await expect(() => verify(body, headers)).toBeAccepted()
    await expect(await verify(body, headers)).toBeAccepted()
    await expect(verify.check(body, headers)).toBeAccepted()
    await expect(verify(body, headers)).resolves.toBeAccepted()
    const stale = await staleRequest({ secret })
    await expect(verify(stale.body, stale.headers)).not.toBeAccepted()
    await expect(new WebhookError('signature_mismatch')).not.toBeAccepted()
  })

  test('takes the answers of supertest, fetch, axios, inject and Lambda', async () => {
    const { text, headers, toRequest } = await signedRequest({ secret })
    await expect(request(app).post('/').set(headers).send(text)).toBeAccepted()
    await expect(verifyRequest(toRequest(), { secret })).toBeAccepted()
    for (const status of [200, 202, 204, 299]) {
      await expect(new Response(status === 204 ? null : 'fine', { status })).toBeAccepted()
      await expect({ statusCode: status, body: '' }).toBeAccepted()
      await expect({ status, data: '' }).toBeAccepted()
    }
    for (const status of [300, 302, 401, 404, 500]) {
      await expect(new Response('not so', { status })).not.toBeAccepted()
      await expect({ statusCode: status, body: '' }).not.toBeAccepted()
    }
  })

  test('supertest sends text unchanged, and serialises a Buffer and an object again', async () => {
    const { body, text, headers } = await signedRequest({ secret, body: '{"a": 1}' })
    const send = (sent: string | object) => request(app).post('/').set(headers).send(sent)
    await expect(send(text)).toBeAccepted()
    await expect(send(Buffer.from(body))).toBeRefusedWith('signature_mismatch')
    await expect(send(JSON.parse(text))).toBeRefusedWith('signature_mismatch')
  })

  test('takes the error that axios and superagent reject with', async () => {
    const response = { status: 401, data: { code: 'signature_mismatch' } }
    const rejected = (): Promise<never> =>
      Promise.reject(Object.assign(new Error('Request failed'), { response }))
    await expect(rejected()).not.toBeAccepted()
    await expect(rejected()).toBeRefusedWith('signature_mismatch')
    expect(await failureOf(expect(rejected()).toBeAccepted())).toContain(
      'expected it to be accepted, but got: status 401 (signature_mismatch)',
    )
  })

  test('takes an answer with headers as an answer, even if there is a secret', async () => {
    for (const key of ['status', 'statusCode']) {
      const answer = { [key]: 204, headers: {}, body: '' }
      await expect(answer).toBeAccepted({ secret })
      await expect({ ...answer, [key]: 401 }).not.toBeAccepted({ secret })
    }
  })

  test('takes a delivery if a secret says how to verify it', async () => {
    await expect(await signedRequest({ secret })).toBeAccepted({ secret })
    await expect((await signedRequest({ secret })).toRequest()).toBeAccepted({ secret })
    await expect(await tamperedRequest({ secret })).not.toBeAccepted({ secret })
    const old = await signedRequest({ secret, timestamp: 1_700_000_000 })
    await expect(old).toBeAccepted({ secret, now: () => 1_700_000_000_000 })
    const misuse = failureOf(expect(await signedRequest({ secret })).toBeAccepted())
    expect(await misuse).toBe('a delivery needs a secret: toBeAccepted({ secret })')
  })

  test('a failure has the code, the detail and the diagnosis', async () => {
    const { text, headers } = await signedRequest({ secret, payload: { a: 1 } })
    const body = text.replace(':', ': ')
    const refused = await verify.check(body, headers)
    const withSecret = failureOf(expect(refused).toBeAccepted({ secret }))
    expect(await withSecret).toContain('but got: signature_mismatch: no signature matches')
    expect(await withSecret).toContain('body_reserialised')
    expect(await withSecret).toContain('Fix: ')
    expect(await withSecret).not.toContain(secret)
    const inHand = await failureOf(expect({ body, headers }).toBeAccepted({ secret }))
    expect(inHand).toBe(await withSecret)
    const without = await failureOf(expect(refused).toBeAccepted())
    expect(without).toContain('signature_mismatch: no signature matches')
    expect(without).toContain('For a diagnosis, give the secret: toBeAccepted({ secret })')
  })

  test('a failure has the code and the detail of a problem document', async () => {
    const parsed = express().use(express.json(), app)
    const { text, headers } = await signedRequest({ secret })
    const answer = await request(parsed).post('/').set(headers).send(text)
    const failure = await failureOf(expect(answer).toBeAccepted())
    expect(failure).toMatch(/but got: status 500 \(body_unavailable\): \S+/)
    const { text: other, headers: wrong } = await tamperedRequest({ secret })
    const forged = await request(app).post('/').set(wrong).send(other)
    expect(await failureOf(expect(forged).toBeAccepted())).toMatch(
      /but got: status 401 \(signature_mismatch\)\n\n.*With supertest, send the text of signedRequest\(\).*diagnose\(\) in onReject\.$/,
    )
  })

  test('says under not what came instead', async () => {
    const { body, headers } = await signedRequest({ secret })
    expect(await failureOf(expect(verify(body, headers)).not.toBeAccepted())).toBe(
      'expected it not to be accepted, but got: accepted',
    )
    expect(await failureOf(expect({ statusCode: 204 }).not.toBeAccepted())).toBe(
      'expected it not to be accepted, but got: status 204',
    )
  })

  test.each([undefined, 'text', {}, null, () => undefined])(
    'what is not an outcome is a mistake of the test, under not as well: %p',
    async (received) => {
      const expected = 'toBeAccepted() needs what came of a delivery'
      expect(await failureOf(expect(received).toBeAccepted())).toContain(expected)
      expect(await failureOf(expect(received).not.toBeAccepted())).toContain(expected)
    },
  )

  test('another error is not an outcome', async () => {
    const failing = expect(Promise.reject(new Error('other'))).not.toBeAccepted()
    expect(await failureOf(failing)).toBe('other')
  })
})
