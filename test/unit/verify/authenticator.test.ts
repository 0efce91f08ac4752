import { expect, jest, test } from '@jest/globals'
import { isWebhookError } from '../../../src/base/errors.js'
import { resolveOptions } from '../../../src/base/options.js'
import type { Report } from '../../../src/delivery/report.js'
import type { SecretContext } from '../../../src/delivery/types.js'
import { createAuthenticator } from '../../../src/verify/authenticator.js'
import { VERIFIER_OPTIONS, type VerifierSettings } from '../../../src/verify/verifier-options.js'
import { SECRET, SIGNED_AT, signByHand } from '../../support/signing.js'

const BODY = Buffer.from('{"a":1}')
const GOOD = {
  'webhook-id': 'msg_1',
  'webhook-timestamp': String(SIGNED_AT),
  'webhook-signature': signByHand(),
}

function authenticator(options: object = {}) {
  const given = { secret: SECRET, now: () => SIGNED_AT * 1000, ...options }
  const settings = resolveOptions(given, VERIFIER_OPTIONS) as VerifierSettings<
    unknown,
    SecretContext
  >
  return createAuthenticator(settings)
}

function codeOf(headers: Record<string, string>, report: Report = {}): string {
  try {
    authenticator().examine(headers, report)
    return 'examined'
  } catch (error) {
    if (!isWebhookError(error)) throw error
    return error.code
  }
}

test('examine returns the checked values and reports what it has learnt', () => {
  const report: Report = {}
  const examined = authenticator({ now: () => (SIGNED_AT + 2) * 1000 }).examine(GOOD, report)
  expect(examined).toEqual({
    id: 'msg_1',
    timestamp: String(SIGNED_AT),
    candidates: [GOOD['webhook-signature']],
  })
  expect(report).toEqual({ id: 'msg_1', age: 2 })
})

test.each<[string, object, object]>([
  ['header_missing', { 'webhook-id': undefined }, {}],
  ['header_malformed', { 'webhook-id': 'a b', 'webhook-timestamp': '1' }, {}],
  ['timestamp_too_old', { 'webhook-timestamp': '1', 'webhook-signature': '' }, { id: 'msg_1' }],
  ['header_malformed', { 'webhook-signature': '' }, { id: 'msg_1', age: 0 }],
  ['signature_mismatch', { 'webhook-signature': 'v9,x' }, { id: 'msg_1', age: 0 }],
])('the first rule that fails decides: %s', (code, wrong, known) => {
  const report: Report = {}
  expect(codeOf({ ...GOOD, ...wrong } as Record<string, string>, report)).toBe(code)
  expect(report).toMatchObject(known)
})

test('authenticate returns the webhook and reports its bytes and its key', async () => {
  const { examine, authenticate } = authenticator()
  const report: Report = {}
  const webhook = await authenticate(examine(GOOD, report), BODY, {}, report)
  expect(webhook).toEqual({
    id: 'msg_1',
    timestamp: new Date(SIGNED_AT * 1000),
    body: BODY,
    payload: { a: 1 },
    keyId: expect.any(String),
    scheme: 'v1',
  })
  expect(report).toMatchObject({ bytes: 7, keyId: webhook.keyId })
})

test('the payload is parsed only after the signature has matched', async () => {
  const validate = jest.fn()
  const schema = { '~standard': { version: 1, vendor: 'none', validate } }
  const { examine, authenticate } = authenticator({ schema })
  const forged = Promise.resolve().then(() =>
    authenticate(examine(GOOD, {}), Buffer.from('{"a":2}'), {}, {}),
  )
  await expect(forged).rejects.toMatchObject({ code: 'signature_mismatch' })
  expect(validate).not.toHaveBeenCalled()
})
