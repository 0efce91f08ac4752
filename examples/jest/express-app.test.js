const { accountSecret } = require('countersign/account')
const { generateSecret } = require('countersign/sign')
const {
  fakeAccount,
  futureRequest,
  matchers,
  signedRequest,
  staleRequest,
  tamperedRequest,
  wrongKeyRequest,
} = require('countersign/testing')
const request = require('supertest')
const { createApp } = require('./express-app')

expect.extend(matchers)

const secret = generateSecret()
const created = { type: 'user.created', data: { name: 'Zoë' } }
let users
beforeEach(() => {
  users = []
})

function post({ text, headers }, options = { secret }) {
  return request(createApp({ users, ...options }))
    .post('/webhooks')
    .set(headers)
    .send(text)
}

test('a delivery is handled', async () => {
  await post(await signedRequest({ secret, payload: created })).expect(204)
  expect(users).toEqual(['Zoë'])
})

test('a delivery of another type is acknowledged', async () => {
  await post(await signedRequest({ secret, payload: { type: 'user.deleted' } })).expect(204)
  expect(users).toEqual([])
})

test.each([
  ['signature_mismatch', tamperedRequest],
  ['signature_mismatch', wrongKeyRequest],
  ['timestamp_too_old', staleRequest],
  ['timestamp_too_new', futureRequest],
])('a delivery that is forged or stale is refused: %s', async (code, forge) => {
  const answer = await post(await forge({ secret, payload: created }))
  await expect(answer).toBeRefusedWith(code)
  expect(users).toEqual([])
})

test('a request without the headers is refused', async () => {
  await expect(await post({ text: '{}', headers: {} })).toBeRefusedWith('header_missing')
})

describe('with the secret of the account', () => {
  let account
  beforeEach(async () => {
    account = await fakeAccount()
  })
  afterEach(() => account.close())
  const options = () => ({
    secret: accountSecret({ token: account.token, baseUrl: account.baseUrl }),
  })

  test('a rotation is followed', async () => {
    const known = options()
    await post(await signedRequest({ secret: account.secret, payload: created }), known).expect(204)
    account.rotate()
    await post(await signedRequest({ secret: account.secret, payload: created }), known).expect(204)
    expect(users).toEqual(['Zoë', 'Zoë'])
  })

  test('while the account cannot be reached the sender is asked to come again', async () => {
    await account.fail({ status: 503 })
    const answer = await post(await signedRequest({ secret: account.secret }), options())
    expect(answer.status).toBe(503)
    expect(answer.headers['retry-after']).toBeDefined()
  })
})
