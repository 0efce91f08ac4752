const { createSigner, generateSecret } = require('countersign/sign')
const { matchers } = require('countersign/testing')

expect.extend(matchers)

/** Code under test that sends webhooks itself. */
async function createDelivery(secret, event) {
  const body = JSON.stringify(event)
  const headers = await createSigner({ secret })(body)
  return new Request('https://receiver.example/webhooks', { method: 'POST', body, headers })
}

test('what we send verifies at the receiver', async () => {
  const secret = generateSecret()
  const delivery = await createDelivery(secret, { type: 'ping' })
  await expect(delivery).toBeVerifiedBy(secret)
  await expect(delivery).not.toBeVerifiedBy(generateSecret())
})
