const { generateSecret } = require('countersign/sign')
const {
  matchers,
  rotatedRequest,
  signedRequest,
  staleRequest,
  tamperedRequest,
} = require('countersign/testing')
const { app } = require('./hono-app')

expect.extend(matchers)

const secret = generateSecret()
const send = (delivery) => app.request(delivery.toRequest(), {}, { WEBHOOK_SECRET: secret })

test('a delivery is handled', async () => {
  const delivery = await signedRequest({ secret, id: 'msg_1', payload: { type: 'user.created' } })
  const answer = await send(delivery)
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({ id: 'msg_1', type: 'user.created' })
})

test('a delivery that is signed with two keys is accepted', async () => {
  expect((await send(await rotatedRequest({ secret }))).status).toBe(200)
})

test('a delivery that is forged or stale is refused', async () => {
  await expect(await send(await tamperedRequest({ secret }))).toBeRefusedWith('signature_mismatch')
  await expect(await send(await staleRequest({ secret }))).toBeRefusedWith('timestamp_too_old')
})
