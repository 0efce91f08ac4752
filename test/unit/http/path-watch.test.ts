import { expect, jest, test } from '@jest/globals'
import { memoryStore } from 'countersign'
import { createReceiver, type IncomingDelivery, type ReceiverOptions } from 'countersign/http'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'

const secret = generateSecret()

async function receiveAt(
  endpoints: readonly ReturnType<NonNullable<IncomingDelivery['endpoint']>>[],
  options: Partial<ReceiverOptions> = {},
): Promise<void> {
  const receive = createReceiver({ secret, idempotency: memoryStore(), ...options })
  const { headers, body } = await signedRequest({ secret })
  for (const endpoint of endpoints) {
    await receive({ headers, readBody: () => body, context: {}, endpoint: () => endpoint })
  }
}

const paths = (count: number, base = '/path') =>
  Array.from({ length: count }, (_, i) => `${base}/${i}`)

test('more than 100 different paths are warned about once', async () => {
  const warn = jest.fn()
  await receiveAt(paths(100), { warn })
  expect(warn).not.toHaveBeenCalled()
  await receiveAt([...paths(150), ...paths(300)], { warn })
  expect(warn).toHaveBeenCalledTimes(1)
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('idempotency.scope'))
  await receiveAt(paths(101, '/api/v1/integrations/webhooks/tenants'), { warn })
  expect(warn).toHaveBeenCalledTimes(2)
})

test('long paths are told apart by their first 100 characters', async () => {
  const warn = jest.fn()
  await receiveAt(paths(101, `/${'a'.repeat(98)}`), { warn })
  expect(warn).not.toHaveBeenCalled()
  await receiveAt(paths(101, `/${'a'.repeat(95)}`), { warn })
  expect(warn).toHaveBeenCalledTimes(1)
})

test('not with a scope, for parameters of one route, or for spellings of one path', async () => {
  const warn = jest.fn()
  const idempotency = { store: memoryStore(), scope: 'mine' }
  await receiveAt(paths(150), { warn, idempotency })
  await receiveAt(
    paths(150).map((url) => ({ url, pattern: '/path/:i', params: { i: url } })),
    { warn },
  )
  await receiveAt(
    Array.from({ length: 150 }, (_, i) => `/path/?${i}`),
    { warn },
  )
  expect(warn).not.toHaveBeenCalled()
})

test('printed with console.warn, and not at all if warn is false', async () => {
  const print = jest.spyOn(console, 'warn').mockImplementation(() => {})
  await receiveAt(paths(150), { warn: false })
  expect(print).not.toHaveBeenCalled()
  await receiveAt(paths(150))
  expect(print).toHaveBeenCalledTimes(1)
  print.mockRestore()
})
