import { expect, jest, test } from '@jest/globals'
import { isWebhookError, WebhookError } from '../../../src/base/errors.js'
import type { Report } from '../../../src/delivery/report.js'
import { signedPrefix } from '../../../src/delivery/signature.js'
import type { KeySet, SecretSource, VerificationKey } from '../../../src/delivery/types.js'
import { createKeySearch } from '../../../src/sources/key-search.js'
import { OTHER_KEY, SECRET, SIGNED_AT, signByHand } from '../../support/signing.js'

const content = {
  candidates: [signByHand()],
  prefix: signedPrefix('msg_1', String(SIGNED_AT)),
  body: Buffer.from('{"a":1}'),
}
const RIGHT = SECRET
const WRONG = OTHER_KEY

async function searched(
  secret: Parameters<typeof createKeySearch>[0],
  report: Report = {},
): Promise<VerificationKey> {
  return createKeySearch(secret, 24)(content, SIGNED_AT, {}, report)
}

async function refusalOf(
  secret: Parameters<typeof createKeySearch>[0],
  report?: Report,
): Promise<WebhookError> {
  const error: unknown = await searched(secret, report).then(
    () => undefined,
    (error) => error,
  )
  if (!isWebhookError(error)) throw error
  return error
}

/** A source that first knows one set of keys and then another. */
function source(known: KeySet, reread: KeySet) {
  return {
    read: () => known,
    reread: jest.fn<SecretSource['reread']>(() => reread),
  }
}

test('a known key is found without a second read', async () => {
  const once = source({ keys: [WRONG, RIGHT] }, { keys: [] })
  expect((await searched(once)).scheme).toBe('v1')
  expect(once.reread).not.toHaveBeenCalled()
})

test('a key that the second read brings is found, and the read is told when the delivery was signed', async () => {
  const rotated = source({ keys: [WRONG] }, { keys: [RIGHT, WRONG] })
  expect((await searched(rotated)).scheme).toBe('v1')
  expect(rotated.reread.mock.calls).toEqual([[SIGNED_AT, {}]])
})

test('the same keys are not tried again', async () => {
  const keys = [{ keyId: 'aaaaaaaa', scheme: 'v1' as const, matches: jest.fn(() => false) }]
  await refusalOf(source({ keys }, { keys, current: true }))
  expect(keys[0]?.matches).toHaveBeenCalledTimes(1)
})

test('a mismatch is final only if the source knows every key that can have signed the delivery', async () => {
  const keys = [WRONG]
  const report: Report = {}
  const final = await refusalOf(source({ keys }, { keys, current: true }), report)
  expect(final.code).toBe('signature_mismatch')
  expect(report.expectedKeyIds).toHaveLength(1)
  const cause = new Error('down')
  const open = await refusalOf(source({ keys }, { keys, current: false, retryAfter: 7, cause }))
  expect(open).toMatchObject({ code: 'signature_undecided', retryAfter: 7, cause })
  expect(open.message).toContain(': down')
  const silent = await refusalOf(source({ keys }, { keys }))
  expect(silent).toMatchObject({ code: 'signature_undecided', retryAfter: 5 })
})

test('without a key there is no verdict', async () => {
  const none = await refusalOf(source({ keys: [] }, { keys: [], current: true }))
  expect(none).toMatchObject({ code: 'secret_unavailable', retryAfter: 5 })
})

test.each<[string, () => never]>([
  [
    'throws',
    () => {
      throw new RangeError('quotes the secret')
    },
  ],
  ['rejects', (() => Promise.reject(new RangeError('quotes the secret'))) as () => never],
])('a lookup that %s is secret_unavailable and quotes nothing', async (_, secret) => {
  const error = await refusalOf(secret)
  expect(error.code).toBe('secret_unavailable')
  expect(error.message).toContain('(RangeError)')
  expect(error.message).not.toContain('quotes')
})

test('a WebhookError of the lookup is the verdict', async () => {
  const error = new WebhookError('signature_mismatch', 'unknown tenant')
  expect(
    await refusalOf(() => {
      throw error
    }),
  ).toBe(error)
})
