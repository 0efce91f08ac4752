import { afterEach, expect, jest, test } from '@jest/globals'
import { type IdempotencyStore, memoryStore } from 'countersign'
import { verifyWebhook } from 'countersign/express'
import { signedRequest } from 'countersign/testing'
import { type RawServer, rawServer } from '../../support/raw-server.js'
import { SECRET } from '../contract/signed.js'

let server: RawServer | undefined
afterEach(() => server?.close())

test('what follows is called once, although it throws, and the claim is released', async () => {
  const printed = jest.spyOn(console, 'error').mockImplementation(() => {})
  const store = memoryStore()
  const release = jest.fn(store.release)
  const idempotency: IdempotencyStore = { ...store, release }
  const receive = verifyWebhook({ secret: SECRET, idempotency })
  const boom = new Error('boom')
  const calls: unknown[][] = []
  server = await rawServer((request, response) =>
    receive(request, response as never, (...args: unknown[]) => {
      calls.push(args)
      throw boom
    }),
  )
  const { headers, body } = await signedRequest({ secret: SECRET })
  const answer = await fetch(server.url, {
    method: 'POST',
    headers: headers as Record<string, string>,
    body: body as BodyInit,
  })
  expect(answer.status).toBe(500)
  expect(calls).toEqual([[]])
  expect(printed).toHaveBeenCalledWith(expect.stringContaining('verifyWebhook failed'), boom)
  expect(release).toHaveBeenCalledTimes(1)
  printed.mockRestore()
})
