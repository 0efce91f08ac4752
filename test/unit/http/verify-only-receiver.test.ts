import { inspect } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { isWebhookError, memoryStore } from 'countersign'
import {
  createReceiver,
  createVerifyOnlyReceiver,
  keepWebhook,
  keptWebhook,
  receiverFor,
  webhookOf,
} from 'countersign/http'
import { createSigner, generateSecret } from 'countersign/sign'

const secret = generateSecret()

async function delivery(body = '{}', key = secret) {
  const headers = await createSigner({ secret: key })(body)
  return { headers, readBody: () => body, context: {} }
}

describe('createVerifyOnlyReceiver', () => {
  test.each([
    ['idempotency', { idempotency: memoryStore() }],
    ['onReject', { onReject() {} }],
    ['onReject behind an idempotency that is off', { idempotency: false, onReject() {} }],
  ])('refuses %s, with the name of the function and what to do', (_name, option) => {
    expect(() => createVerifyOnlyReceiver({ secret, ...option } as never, 'verify')).toThrow(
      'verify does not answer, so it takes no idempotency and no onReject: use webhookHandler, or catch the WebhookError',
    )
  })
  test('refuses unknown options, and the secret in place of the options', () => {
    expect(() => createVerifyOnlyReceiver({ secret, tollerance: 1 } as never, 'verify')).toThrow(
      /unknown option tollerance/,
    )
    expect(() => createVerifyOnlyReceiver(secret as never, 'verify')).toThrow(
      /options must be an object/,
    )
  })
  test('is a receiver', async () => {
    const receive = createVerifyOnlyReceiver({ secret }, 'verify')
    expect(webhookOf(await receive(await delivery('[1]'))).payload).toEqual([1])
  })
})

describe('receiverFor', () => {
  test('prepares one receiver for each options object', () => {
    const options = { secret }
    expect(receiverFor(options, 'verify')).toBe(receiverFor(options, 'verify'))
    expect(receiverFor({ ...options }, 'verify')).not.toBe(receiverFor(options, 'verify'))
  })
  test.each([[undefined], [secret], [{}], [{ secret: '' }]])(
    'refuses %j as the receiver does',
    (options) => {
      const thrown = (create: () => unknown): unknown => {
        try {
          return create()
        } catch (error) {
          return error
        }
      }
      const expected = thrown(() => createReceiver(options as never))
      expect(expected).toBeInstanceOf(TypeError)
      expect(thrown(() => receiverFor(options as never, 'verify'))).toEqual(expected)
    },
  )
})

test('webhookOf throws the error of a refused delivery, with a stack trace', async () => {
  const receive = createReceiver({ secret })
  const outcome = await receive(await delivery('{}', generateSecret()))
  let thrown: unknown
  try {
    webhookOf(outcome)
  } catch (error) {
    thrown = error
  }
  expect(isWebhookError(thrown) && thrown.code).toBe('signature_mismatch')
  expect((thrown as Error).stack).toContain('verify-only-receiver.test')
})

test('webhookOf throws an error for a delivery that was handled before', async () => {
  const receive = createReceiver({ secret, idempotency: memoryStore() })
  const twice = await delivery()
  const first = await receive(twice)
  if ('settle' in first) await first.settle?.(204)
  const second = await receive(twice)
  expect(() => webhookOf(second)).toThrow(
    new TypeError(
      'the delivery has been handled before: send the answer that the receiver returned',
    ),
  )
})

test('a kept webhook belongs to its request', async () => {
  const webhook = webhookOf(await createReceiver({ secret })(await delivery()))
  const request = {}
  expect(keptWebhook(request)).toBeUndefined()
  expect(keepWebhook(request, webhook)).toBe(webhook)
  expect(keptWebhook(request)).toBe(webhook)
  expect(keptWebhook({})).toBeUndefined()
  const again = { ...webhook }
  expect(keepWebhook(request, again)).toBe(again)
  expect(keptWebhook(request)).toBe(again)
})

test('a kept webhook shows in no log and no copy of the request, and a frozen request keeps none', async () => {
  const webhook = webhookOf(await createReceiver({ secret })(await delivery()))
  const request = { url: '/' }
  keepWebhook(request, webhook)
  expect(inspect(request)).toBe("{ url: '/' }")
  expect(keptWebhook({ ...request })).toBeUndefined()
  const frozen = Object.freeze({})
  expect(keepWebhook(frozen, webhook)).toBe(webhook)
  expect(keptWebhook(frozen)).toBeUndefined()
})
