import { expect, test } from '@jest/globals'
import { redisSnapshot, redisStore } from 'countersign/redis'
import { CLAIM, COMMIT, RELEASE, SAVE } from '../../../src/redis/scripts.js'

const claim = { token: 'a', lease: 60, ttl: 60 }

/** A client whose server answers every script like this, and the arguments it got. */
function answering(answer: unknown) {
  const calls: unknown[][] = []
  const evalsha = async (...args: unknown[]): Promise<unknown> => {
    calls.push(args)
    return answer
  }
  return { client: { evalsha, eval: evalsha, defineCommand: evalsha, on: evalsha }, calls }
}

test.each([null, undefined, '', 'OK', [], [-1], {}, true, -3, 1.5, Number.NaN, 'x-1'])(
  'an answer of %p is not of our scripts: no claim, and no commit',
  async (answer) => {
    const store = redisStore(answering(answer).client)
    await expect(store.claim('key', claim)).rejects.toThrow(
      'Redis must answer the script with a whole number',
    )
    await expect(store.commit('key', claim)).rejects.toThrow(
      'Redis must answer the script with a whole number',
    )
  },
)

test.each([
  [-1, { state: 'claimed' }],
  [-2, { state: 'done' }],
  [0, { state: 'in_progress', retryAfter: 0 }],
  [1500, { state: 'in_progress', retryAfter: 1.5 }],
])('an answer of %p is a claim, as text too', async (answer, result) => {
  for (const form of [answer, String(answer), BigInt(answer)]) {
    expect(await redisStore(answering(form).client).claim('key', claim)).toEqual(result)
  }
})

test.each([
  ['-2 abc+/def', { state: 'done', digest: 'abc+/def' }],
  ['1500 abc+/def', { state: 'in_progress', retryAfter: 1.5, digest: 'abc+/def' }],
])('an answer of %p has a digest', async (answer, result) => {
  for (const form of [answer, Buffer.from(answer)]) {
    expect(await redisStore(answering(form).client).claim('key', claim)).toEqual(result)
  }
})

test('each operation sends its one key, then the token, the time and the digest', async () => {
  const { client, calls } = answering(1)
  const store = redisStore(client)
  await store.claim('key', { token: 'a', lease: 2, digest: 'd' })
  await store.claim('key', { token: 'a', lease: 2 })
  await store.commit('key', { token: 'a', ttl: 3, digest: 'd' })
  await store.commit('key', { token: 'a', ttl: 3 })
  await store.release('key', { token: 'a' })
  await redisSnapshot(client).save('text', { version: 7 })
  expect(calls).toEqual([
    [CLAIM.sha, 1, 'countersign:key', 'a', '2000', 'd'],
    [CLAIM.sha, 1, 'countersign:key', 'a', '2000', ''],
    [COMMIT.sha, 1, 'countersign:key', 'a', '3000', 'd'],
    // A delivery that is done without a digest is `1`.
    [COMMIT.sha, 1, 'countersign:key', 'a', '3000', '1'],
    [RELEASE.sha, 1, 'countersign:key', 'a'],
    [SAVE.sha, 1, 'countersign:secret', 'text 7', '7', '604800000'],
  ])
})

test.each([
  [0, false],
  ['1', true],
  [-1, false],
])('an answer of %p says whether the delivery is done: %p', async (answer, isDone) => {
  expect(await redisStore(answering(answer).client).commit('key', claim)).toBe(isDone)
})

test('times are whole milliseconds and at least one, as Redis wants them', async () => {
  const { client, calls } = answering(1)
  const store = redisStore(client)
  for (const ttl of [0, 0.0001, 0.0012, 1]) await store.commit('key', { token: 'a', ttl })
  expect(calls.map((args) => args.at(-2))).toEqual(['1', '1', '2', '1000'])
})

test('keys begin with `countersign:`, or with `prefix`', async () => {
  const { client, calls } = answering(1)
  await redisStore(client).commit('key', claim)
  await redisStore(client, { prefix: 'a/' }).commit('key', claim)
  await redisSnapshot(client).save('text', { version: 1 })
  expect(calls.map((args) => args[2])).toEqual(['countersign:key', 'a/key', 'countersign:secret'])
})

test.each([
  [0, false],
  ['0', false],
  [1, true],
])('an answer of %p says whether the snapshot was saved', async (answer, isSaved) => {
  const snapshot = redisSnapshot(answering(answer).client)
  expect(await snapshot.save('text', { version: 1 })).toBe(isSaved)
})

test('a snapshot is kept for 7 days, or for ttl', async () => {
  const { client, calls } = answering(1)
  await redisSnapshot(client).save('text', { version: 1 })
  await redisSnapshot(client, { ttl: 60 }).save('text', { version: 1 })
  expect(calls.map((args) => args.at(-1))).toEqual(['604800000', '60000'])
})

test('a snapshot that the client hands out as bytes is the snapshot', async () => {
  const encryptionKey = new Uint8Array(32)
  const { client, calls } = answering(1)
  await redisSnapshot(client, { encryptionKey }).save('the secret', { version: 1 })
  const sealed = Buffer.from(String(calls[0]?.[3]))
  expect(await redisSnapshot(answering(sealed).client, { encryptionKey }).load()).toBe('the secret')
  expect(await redisSnapshot(answering(Buffer.from('plain')).client).load()).toBe('plain')
})

test('a snapshot may hold lines, and its version is the number at its end', async () => {
  const encryptionKey = new Uint8Array(32)
  expect(await redisSnapshot(answering('a\nb 12').client).load()).toBe('a\nb')
  const { client, calls } = answering(1)
  await redisSnapshot(client, { encryptionKey }).save('text', { version: 0 })
  const [, sealed = ''] = /^(.*) 0$/.exec(String(calls[0]?.[3])) ?? []
  // Without a number, as it may be stored by hand, the version is 0.
  expect(await redisSnapshot(answering(sealed).client, { encryptionKey }).load()).toBe('text')
})

test.each([null, undefined])('a snapshot of %p is none', async (answer) => {
  expect(await redisSnapshot(answering(answer).client).load()).toBeUndefined()
})
