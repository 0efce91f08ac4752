import { beforeAll, describe, expect, it } from '@jest/globals'
import { generateSecret } from '../../../src/sign.js'
import { createKeyRing, type KeyRing } from '../../../src/sources/key-ring.js'
import { type RingKey, toRingKey } from '../../../src/sources/ring-key.js'

const SECOND = 1_000
const NOW = 5_000 * SECOND
let a: RingKey
let b: RingKey
let c: RingKey

beforeAll(async () => {
  const make = () => toRingKey(generateSecret(), 24)
  ;[a, b, c] = await Promise.all([make(), make(), make()])
})

/** A read that takes no time. */
function read(ring: KeyRing, keys: readonly RingKey[], at: number): boolean {
  return slowRead(ring, keys, at, at)
}

function slowRead(ring: KeyRing, keys: readonly RingKey[], begun: number, ended: number): boolean {
  const read = ring.begin(begun)
  const isNews = read.confirm(keys, ended)
  read.end()
  return isNews
}

/** The place of a delivery that arrives now in the order of reads. */
function covers(ring: KeyRing, signedAt: number, arrived = NOW): boolean {
  return ring.sight(arrived).covers(signedAt / SECOND, NOW)
}

describe('key ring: which keys verify', () => {
  it('holds nothing before the first read', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    expect(ring.keys(0)).toEqual([])
    expect(ring.confirmedAt).toBeUndefined()
  })

  it('keeps an old key for the overlap, newest first, and drops it to the millisecond', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a], 0)
    read(ring, [b], 10 * SECOND)
    expect(ring.keys(310 * SECOND - 1)).toEqual([b.key, a.key])
    expect(ring.keys(310 * SECOND)).toEqual([b.key])
  })

  it('lets every key of several rotations in one overlap keep its own time', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a], 0)
    read(ring, [b], 10 * SECOND)
    read(ring, [c], 200 * SECOND)
    expect(ring.keys(309 * SECOND)).toEqual([c.key, b.key, a.key])
    expect(ring.keys(310 * SECOND)).toEqual([c.key, b.key])
    expect(ring.keys(500 * SECOND)).toEqual([c.key])
  })

  it('counts the overlap from when the change was answered', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a], 0)
    slowRead(ring, [b], 10 * SECOND, 14 * SECOND)
    expect(ring.keys(313 * SECOND)).toEqual([b.key, a.key])
    expect(ring.keys(314 * SECOND)).toEqual([b.key])
  })

  it('drops the old key at once if the overlap is 0', () => {
    const ring = createKeyRing({ overlap: 0 })
    read(ring, [a], 0)
    read(ring, [b], 10 * SECOND)
    expect(ring.keys(10 * SECOND)).toEqual([b.key])
  })

  it('gives no old key more than the overlap from now if the clock was set back', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a], 10_000 * SECOND)
    read(ring, [b], 10_010 * SECOND)
    expect(ring.keys(NOW)).toEqual([b.key, a.key])
    expect(ring.keys(NOW + 300 * SECOND)).toEqual([b.key])
    const leaked = createKeyRing({ overlap: 0 })
    read(leaked, [a], 10_000 * SECOND)
    read(leaked, [b], 10_010 * SECOND)
    expect(leaked.keys(NOW)).toEqual([b.key])
  })

  it('forgets old keys on request, but never the key that the account has now', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a], 0)
    read(ring, [b], SECOND)
    ring.forgetRetired(SECOND)
    expect(ring.keys(SECOND)).toEqual([b.key])
  })

  it('accepts a key again that the account shows again', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a], 0)
    read(ring, [b], SECOND)
    read(ring, [a], 2 * SECOND)
    expect(ring.keys(2 * SECOND)).toEqual([a.key, b.key])
    expect(ring.keys(400 * SECOND)).toEqual([a.key])
  })

  it('holds several keys of one answer, whatever their order', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a, b], 0)
    read(ring, [b, a], SECOND)
    expect(ring.entries(SECOND).map(({ retiredAt }) => retiredAt)).toEqual([undefined, undefined])
  })

  it('gives the same array as long as the keys are the same', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a], 0)
    const before = ring.keys(0)
    read(ring, [a], SECOND)
    expect(ring.keys(SECOND)).toBe(before)
    read(ring, [b], SECOND)
    const both = ring.keys(SECOND)
    expect(both).not.toBe(before)
    // Also with an old key among them, and if another process forgot a key that is not here.
    expect(ring.keys(2 * SECOND)).toBe(both)
    ring.forget([{ keyId: c.key.keyId, at: 2 * SECOND }])
    expect(ring.keys(2 * SECOND)).toBe(both)
  })

  it('takes no other order of the same keys for a change', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a, b], 0)
    const before = ring.keys(0)
    for (const keys of [
      [b, a],
      [a, b],
    ]) {
      read(ring, keys, 100 * SECOND)
      expect(ring.keys(100 * SECOND)).toBe(before)
    }
    expect(covers(ring, 50 * SECOND)).toBe(true)
  })
})

describe('key ring: whose answer counts', () => {
  it('ignores the answer of a read that was begun before one already answered', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    const early = ring.begin(0)
    read(ring, [b], SECOND)
    expect(early.confirm([a], 2 * SECOND)).toBe(false)
    expect(ring.keys(2 * SECOND)).toEqual([b.key])
    expect(ring.confirmedAt).toBe(SECOND)
  })

  it('lets an overruling answer win over reads begun before', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a], 0)
    const post = ring.begin(SECOND)
    const get = ring.begin(SECOND)
    post.overrule([b], 2 * SECOND)
    get.confirm([a], 3 * SECOND)
    expect(ring.keys(3 * SECOND)).toEqual([b.key, a.key])
  })

  it('knows whether another read was under way at the same time', () => {
    const ring = createKeyRing({ overlap: 0 })
    read(ring, [a], 0)
    const alone = ring.begin(SECOND)
    expect(alone.isContested()).toBe(false)
    const second = ring.begin(SECOND)
    expect([alone, second].map((one) => one.isContested())).toEqual([true, true])
    for (const one of [alone, second, second]) one.end()
    expect(ring.begin(SECOND).isContested()).toBe(false)
  })

  it('says which answers brought a new key', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    expect(read(ring, [a], 0)).toBe(false)
    expect(read(ring, [a], SECOND)).toBe(false)
    expect(read(ring, [b], SECOND)).toBe(true)
    expect(read(ring, [a], SECOND)).toBe(false)
    expect(read(ring, [b], 500 * SECOND)).toBe(true)
    expect(read(ring, [b, c], 501 * SECOND)).toBe(true)
    expect(read(ring, [c, b], 502 * SECOND)).toBe(false)
  })

  it('takes over the keys of an earlier process only before its own first read', () => {
    const ring = createKeyRing({ overlap: 100 * SECOND })
    ring.restore([a, { ...b, retiredAt: 0 }], 0)
    expect(ring.keys(50 * SECOND)).toEqual([a.key, b.key])
    expect(ring.keys(100 * SECOND)).toEqual([a.key])
    read(ring, [c], 101 * SECOND)
    ring.restore([b], 0)
    expect(ring.keys(102 * SECOND)).toEqual([c.key, a.key])
  })

  it('takes over nothing if an earlier process knew only old keys', () => {
    const ring = createKeyRing({ overlap: 100 * SECOND })
    ring.restore([{ ...b, retiredAt: 0 }], 0)
    expect(ring.keys(SECOND)).toEqual([])
    expect(ring.confirmedAt).toBeUndefined()
  })

  it('forgets the old keys of an earlier process too', () => {
    const ring = createKeyRing({ overlap: 100 * SECOND })
    ring.restore([a, { ...b, retiredAt: 0 }], 0)
    ring.forgetRetired(SECOND)
    expect(ring.keys(SECOND)).toEqual([a.key])
    expect(ring.forgotten).toEqual([{ keyId: b.key.keyId, at: SECOND }])
  })

  it('gives the keys of outdated knowledge no overlap', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    ring.restore([a], 0, true)
    expect(ring.keys(SECOND)).toEqual([a.key])
    read(ring, [b], 2 * SECOND)
    expect(ring.keys(2 * SECOND)).toEqual([b.key])
    read(ring, [c], 3 * SECOND)
    expect(ring.keys(3 * SECOND)).toEqual([c.key, b.key])
  })

  it('gives the keys of newer knowledge their overlap again', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    ring.restore([a], 0, true)
    ring.forget([{ keyId: a.key.keyId, at: SECOND }])
    ring.restore([b], 2 * SECOND)
    read(ring, [c], 3 * SECOND)
    expect(ring.keys(3 * SECOND)).toEqual([c.key, b.key])
  })

  it('does not keep a restored old key for longer than the overlap of today', () => {
    const ring = createKeyRing({ overlap: 0 })
    ring.restore([a, { ...b, retiredAt: 40 * SECOND }], 0)
    expect(ring.keys(50 * SECOND)).toEqual([a.key])
  })

  it('keeps 32 old keys at the most, the newest', async () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    const keys = await Promise.all(
      Array.from({ length: 40 }, () => toRingKey(generateSecret(), 24)),
    )
    for (const key of keys) read(ring, [key], SECOND)
    expect(ring.keys(SECOND)).toEqual(
      keys
        .reverse()
        .slice(0, 33)
        .map(({ key }) => key),
    )
  })

  it('holds a key once even if the answer names it twice', () => {
    const ring = createKeyRing({ overlap: 0 })
    read(ring, [a, { ...a }], 0)
    expect(ring.keys(0)).toEqual([a.key])
  })

  it('reports once that a new key has verified its first delivery, and never for the first key', async () => {
    let proofs = 0
    const ring = createKeyRing({ overlap: 0, onProof: () => proofs++ })
    const right = (entry: RingKey) => ({ ...entry, key: { ...entry.key, matches: () => true } })
    const wrong = (entry: RingKey) => ({ ...entry, key: { ...entry.key, matches: () => false } })
    for (const [key, expected] of [
      [right(a), 0],
      [wrong(b), 0],
      [right(c), 1],
    ] as const) {
      read(ring, [key], SECOND)
      for (let times = 0; times < 2; times++)
        await ring.keys(SECOND)[0]?.matches([], '', Buffer.of())
      expect(proofs).toBe(expected)
    }
  })
})

it('key ring: a key that stays is reported once, whatever joins it in later answers', async () => {
  let proofs = 0
  const ring = createKeyRing({ overlap: 300 * SECOND, onProof: () => proofs++ })
  const right = (entry: RingKey) => ({ ...entry, key: { ...entry.key, matches: () => true } })
  for (const keys of [[right(a)], [right(b)], [right(b), right(c)], [right(b)]]) {
    read(ring, keys, SECOND)
    await ring.keys(SECOND)[0]?.matches([], '', Buffer.of())
  }
  expect(proofs).toBe(1)
})

describe('key ring: what was forgotten', () => {
  const LATER = 100 * SECOND

  it('does not come back from a snapshot or from a read begun before, only from the account', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a], 0)
    read(ring, [b], SECOND)
    ring.forgetRetired(2 * SECOND)
    expect(ring.forgotten).toEqual([{ keyId: a.key.keyId, at: 2 * SECOND }])
    expect(() => read(ring, [a], 3 * SECOND)).toThrow(
      expect.objectContaining({
        reason: 'secret_invalid',
        message: expect.stringMatching(/forgetPrevious\(\) has dropped: issue a new key/),
      }),
    )
    expect(read(ring, [a, b], 4 * SECOND)).toBe(false)
    expect(ring.keys(4 * SECOND)).toEqual([b.key])
    expect(ring.forgotten).toEqual([{ keyId: a.key.keyId, at: 2 * SECOND }])
    read(ring, [a], LATER)
    expect(ring.keys(LATER)).toEqual([a.key, b.key])
    expect(ring.forgotten).toEqual([])
  })

  it('may be in an answer that the store gives late: only a read by the time of `lag` brings it back', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND, lag: 60 * SECOND })
    read(ring, [a], 0)
    read(ring, [b], SECOND)
    ring.forgetRetired(2 * SECOND)
    // 31 seconds for the clock of another process, and the lag.
    expect(() => read(ring, [a], 93 * SECOND)).toThrow(/forgetPrevious/)
    read(ring, [a], 93 * SECOND + 1)
    expect(ring.keys(LATER)).toEqual([a.key, b.key])
  })

  it('is not what the account shows again', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    for (const key of [a, b, a]) read(ring, [key], SECOND)
    ring.forgetRetired(2 * SECOND)
    expect(ring.forgotten).toEqual([{ keyId: b.key.keyId, at: 2 * SECOND }])
    expect(ring.keys(2 * SECOND)).toEqual([a.key])
    read(ring, [a], 3 * SECOND)
    expect(ring.keys(3 * SECOND)).toEqual([a.key])
  })

  it('is left out of what an earlier process knew, its old keys too', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    ring.forget([{ keyId: b.key.keyId, at: 5 * SECOND }])
    ring.restore([a, { ...b, retiredAt: 2 * SECOND }], 60 * SECOND)
    expect(ring.keys(60 * SECOND)).toEqual([a.key])
    const later = createKeyRing({ overlap: 300 * SECOND })
    later.forget([{ keyId: b.key.keyId, at: 5 * SECOND }])
    later.restore([a, { ...b, retiredAt: 40 * SECOND }], 60 * SECOND)
    expect(later.keys(60 * SECOND)).toEqual([a.key, b.key])
  })

  it('includes old keys that do not verify any more', () => {
    const ring = createKeyRing({ overlap: 10 * SECOND })
    read(ring, [a], 0)
    read(ring, [b], SECOND)
    expect(ring.keys(LATER)).toEqual([b.key])
    ring.forgetRetired(LATER)
    expect(ring.forgotten).toMatchObject([{ keyId: a.key.keyId }])
  })

  it('includes the 1,000 old keys that were replaced last', () => {
    const ring = createKeyRing({ overlap: 0 })
    const numbered = (keyId: string): RingKey => ({ ...a, key: { ...a.key, keyId } })
    for (let number = 0; number <= 1_001; number++) read(ring, [numbered(`${number}`)], number)
    ring.forgetRetired(LATER)
    const newest = Array.from({ length: 1_000 }, (_, index) => `${1_000 - index}`)
    expect(ring.forgotten.map(({ keyId }) => keyId)).toEqual(newest)
  })

  it('is dropped here if another process has forgotten it, and then nothing may be known', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a], 0)
    read(ring, [b], SECOND)
    ring.forget([{ keyId: a.key.keyId, at: LATER }])
    expect(ring.keys(SECOND)).toEqual([b.key])
    ring.forget([{ keyId: b.key.keyId, at: LATER }])
    expect(ring.keys(SECOND)).toEqual([])
    expect(ring.confirmedAt).toBeUndefined()
    ring.restore([b], SECOND)
    expect(ring.keys(SECOND)).toEqual([])
  })

  it('is the account’s only key: then nothing is confirmed any more, although an old key still verifies', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a], 0)
    read(ring, [b], SECOND)
    ring.forget([{ keyId: b.key.keyId, at: LATER }])
    expect(ring.keys(2 * SECOND)).toEqual([a.key])
    expect(ring.confirmedAt).toBeUndefined()
    expect(covers(ring, LATER)).toBe(false)
    read(ring, [c], 200 * SECOND)
    expect(ring.keys(200 * SECOND)).toEqual([c.key, a.key])
  })

  it('is the account’s only key, and the keys of another process do not tell what was valid before', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a], 0)
    ring.forget([{ keyId: a.key.keyId, at: LATER }])
    ring.restore([b], 2 * LATER)
    expect(ring.keys(2 * LATER)).toEqual([b.key])
    expect(covers(ring, LATER)).toBe(false)
  })

  it('does not come back from a read that was begun before, however late it is answered', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a], 0)
    read(ring, [b], SECOND)
    ring.forgetRetired(2 * SECOND)
    expect(() => slowRead(ring, [a], 3 * SECOND, LATER)).toThrow(/forgetPrevious/)
    expect(ring.keys(LATER)).toEqual([b.key])
  })

  it('is joined with what other processes have forgotten', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a], 0)
    read(ring, [b], SECOND)
    ring.forgetRetired(2 * SECOND)
    ring.forget([{ keyId: c.key.keyId, at: SECOND }])
    expect(ring.forgotten).toEqual([
      { keyId: a.key.keyId, at: 2 * SECOND },
      { keyId: c.key.keyId, at: SECOND },
    ])
  })

  it('is not dropped if the account named it later', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a], 0)
    read(ring, [a], LATER)
    ring.forget([{ keyId: a.key.keyId, at: SECOND }])
    expect(ring.keys(LATER)).toEqual([a.key])
  })
})

describe('key ring: over which time it knows every key', () => {
  it('covers nothing before the first read', () => {
    expect(covers(createKeyRing({ overlap: 0 }), 0)).toBe(false)
  })

  it('does not cover what was signed before the first read was answered', () => {
    const ring = createKeyRing({ overlap: 0 })
    const sight = ring.sight(10 * SECOND)
    slowRead(ring, [a], 10 * SECOND, 12 * SECOND)
    expect(sight.covers(9, NOW)).toBe(false)
    expect(covers(ring, 11 * SECOND)).toBe(false)
  })

  it('does not cover what was signed before its own first read, whatever an earlier process knew', () => {
    const ring = createKeyRing({ overlap: 0 })
    ring.restore([a], 10 * SECOND)
    slowRead(ring, [a], 50 * SECOND, 52 * SECOND)
    read(ring, [a], 100 * SECOND)
    expect(covers(ring, 11 * SECOND)).toBe(false)
    expect(covers(ring, 52 * SECOND)).toBe(true)
  })

  it('covers what a read came after that was begun after the delivery had arrived', () => {
    const ring = createKeyRing({ overlap: 0 })
    read(ring, [a], 0)
    const sight = ring.sight(10 * SECOND)
    expect([sight.hasNews(), sight.covers(10, NOW)]).toEqual([false, false])
    read(ring, [a], 10 * SECOND)
    expect([sight.hasNews(), sight.covers(10, NOW)]).toEqual([true, true])
    expect(covers(ring, 10 * SECOND)).toBe(false)
  })

  it('takes a time in the future for a sender’s clock that is up to 30 s ahead', () => {
    const ring = createKeyRing({ overlap: 0 })
    read(ring, [a], 100 * SECOND)
    for (const [arrived, expected] of [
      [129 * SECOND, false],
      [130 * SECOND, true],
    ] as const) {
      const sight = ring.sight(arrived)
      read(ring, [a], arrived)
      expect(sight.covers(arrived / SECOND + 1, NOW)).toBe(expected)
    }
  })

  it('covers without a new read only what was signed 31 s before the last one (a second of rounding, 30 of skew)', () => {
    const ring = createKeyRing({ overlap: 0 })
    read(ring, [a], 0)
    read(ring, [a], 100 * SECOND)
    expect(covers(ring, 69 * SECOND)).toBe(true)
    expect(covers(ring, 70 * SECOND)).toBe(false)
  })

  it('covers nothing that a store may show late', () => {
    const ring = createKeyRing({ overlap: 0, lag: 60 * SECOND })
    read(ring, [a], 0)
    const sight = ring.sight(100 * SECOND)
    read(ring, [a], 159 * SECOND)
    expect(sight.covers(100, NOW)).toBe(false)
    read(ring, [a], 160 * SECOND)
    expect(sight.covers(100, NOW)).toBe(true)
    expect(covers(ring, 69 * SECOND)).toBe(true)
    expect(covers(ring, 70 * SECOND)).toBe(false)
  })

  it('does not cover the time before a change was seen: a third key may have come and gone', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a], 0)
    read(ring, [c], 100 * SECOND)
    read(ring, [c], 200 * SECOND)
    expect(covers(ring, 50 * SECOND)).toBe(false)
    expect(covers(ring, 100 * SECOND)).toBe(true)
  })

  it('does not count an answer while another read could have seen more', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a], 0)
    const post = ring.begin(SECOND)
    const sight = ring.sight(SECOND)
    post.overrule([b], SECOND)
    expect(sight.covers(2, NOW)).toBe(false)
  })

  it('knows nothing of the future again after a clock was set back', () => {
    const ring = createKeyRing({ overlap: 300 * SECOND })
    read(ring, [a], 1000 * SECOND)
    expect(ring.sight(500 * SECOND).covers(10, 500 * SECOND)).toBe(false)
    read(ring, [a], 10 * SECOND)
    const sight = ring.sight(10 * SECOND)
    read(ring, [a], 11 * SECOND)
    expect(sight.covers(10, NOW)).toBe(true)
  })
})
