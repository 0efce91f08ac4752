import { createHmac } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { type IdempotencyStore, memoryStore, type VerdictEvent } from 'countersign'
import { createReceiver } from 'countersign/http'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'
import { bodyDigest } from '../../../src/idempotency/body-digest.js'

const secret = generateSecret()

/** Events of these bodies, each an authentic delivery of one id; all but the first one are refused or duplicates. */
async function events(store: IdempotencyStore, bodies: string[], status?: number) {
  const seen: VerdictEvent[] = []
  const onVerdict = (event: VerdictEvent): void => void seen.push(event)
  const receive = createReceiver({ secret, idempotency: store, onVerdict })
  for (const text of bodies) {
    const { headers, body } = await signedRequest({ secret, id: 'msg_1', body: text })
    const outcome = await receive({ headers, readBody: () => body, context: {} })
    if ('webhook' in outcome && status) await outcome.settle?.(status)
  }
  return seen
}

test('two authentic deliveries of one id with different bodies: reported for the second', async () => {
  const seen = await events(memoryStore(), ['{"a":1}', '{"a":2}', '{"a":1}'], 204)
  expect(seen.map(({ outcome }) => outcome)).toEqual(['accepted', 'duplicate', 'duplicate'])
  expect(seen[1]?.detail).toMatch(/another body/)
  expect(seen[2]?.detail).toBeUndefined()
})

test('the difference is also reported while the first delivery is being handled', async () => {
  const seen = await events(memoryStore(), ['{"a":1}', '{"a":2}', '{"a":1}'])
  expect(seen.map(({ code }) => code)).toEqual([
    undefined,
    'delivery_in_progress',
    'delivery_in_progress',
  ])
  expect(seen[1]?.detail).toMatch(/another body/)
  expect(seen[2]?.detail).toBe('this delivery is being handled now; the sender will try again')
})

test('a store that keeps no digest reports no difference', async () => {
  const { claim, commit, release } = memoryStore()
  const plain: IdempotencyStore = {
    claim: (key, { token, lease }) => claim(key, { token, lease }),
    commit: (key, { token, ttl }) => commit(key, { token, ttl }),
    release,
  }
  const seen = await events(plain, ['{"a":1}', '{"a":2}'], 204)
  expect(seen[1]?.outcome).toBe('duplicate')
  expect(seen[1]?.detail).toBeUndefined()
})

test('a digest is short, equal for equal bytes, and different for different bytes', async () => {
  const texts = ['', 'a', 'b', 'a'.repeat(100_000)]
  const digests = await Promise.all(texts.map((text) => bodyDigest(Buffer.from(text))))
  expect(new Set(digests).size).toBe(texts.length)
  // Stores keep it, so it must be the same in every release and on every crypto backend.
  const byHand = createHmac('sha256', 'countersign: digest of a body').update('a').digest('base64')
  expect(digests[1]).toBe(byHand.slice(0, 12))
  for (const digest of digests) expect(digest).toMatch(/^[\w+/]{12}$/)
  expect(await bodyDigest(Buffer.from('a'))).toBe(digests[1])
})
