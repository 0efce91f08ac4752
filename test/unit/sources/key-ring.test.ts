import { beforeAll, describe, expect, it } from '@jest/globals'
import { generateSecret } from '../../../src/sign.js'
import { createKeyRing, type KeyRing, type RingKey } from '../../../src/sources/key-ring.js'
import { toRingKey } from '../../../src/sources/snapshot.js'

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
  return ring.confirm(keys, { place: ring.begin(), begun: at, ended: at })
}

describe('key ring: which keys verify', () => {
  it('holds nothing before the first read', () => {
    const ring = createKeyRing(300 * SECOND)
    expect(ring.keys(0)).toEqual([])
    expect(ring.confirmedAt).toBeUndefined()
  })

  it('keeps an old key for the overlap, newest first, and drops it to the millisecond', () => {
    const ring = createKeyRing(300 * SECOND)
    read(ring, [a], 0)
    read(ring, [b], 10 * SECOND)
    expect(ring.keys(310 * SECOND - 1)).toEqual([b.key, a.key])
    expect(ring.keys(310 * SECOND)).toEqual([b.key])
  })

  it('lets every key of several rotations in one overlap keep its own time', () => {
    const ring = createKeyRing(300 * SECOND)
    read(ring, [a], 0)
    read(ring, [b], 10 * SECOND)
    read(ring, [c], 200 * SECOND)
    expect(ring.keys(309 * SECOND)).toEqual([c.key, b.key, a.key])
    expect(ring.keys(310 * SECOND)).toEqual([c.key, b.key])
    expect(ring.keys(500 * SECOND)).toEqual([c.key])
  })

  it('counts the overlap from when the change was answered', () => {
    const ring = createKeyRing(300 * SECOND)
    read(ring, [a], 0)
    ring.confirm([b], { place: ring.begin(), begun: 10 * SECOND, ended: 14 * SECOND })
    expect(ring.keys(313 * SECOND)).toEqual([b.key, a.key])
    expect(ring.keys(314 * SECOND)).toEqual([b.key])
  })

  it('drops the old key at once where the overlap is 0', () => {
    const ring = createKeyRing(0)
    read(ring, [a], 0)
    read(ring, [b], 10 * SECOND)
    expect(ring.keys(10 * SECOND)).toEqual([b.key])
  })

  it('gives no old key more than the overlap from now where the clock was set back', () => {
    const ring = createKeyRing(300 * SECOND)
    read(ring, [a], 10_000 * SECOND)
    read(ring, [b], 10_010 * SECOND)
    expect(ring.keys(NOW)).toEqual([b.key, a.key])
    expect(ring.keys(NOW + 300 * SECOND)).toEqual([b.key])
    const leaked = createKeyRing(0)
    read(leaked, [a], 10_000 * SECOND)
    read(leaked, [b], 10_010 * SECOND)
    expect(leaked.keys(NOW)).toEqual([b.key])
  })

  it('forgets old keys when told to, and the account’s own never', () => {
    const ring = createKeyRing(300 * SECOND)
    read(ring, [a], 0)
    read(ring, [b], SECOND)
    ring.forgetRetired()
    expect(ring.keys(SECOND)).toEqual([b.key])
  })

  it('takes a key back that the account shows again', () => {
    const ring = createKeyRing(300 * SECOND)
    read(ring, [a], 0)
    read(ring, [b], SECOND)
    read(ring, [a], 2 * SECOND)
    expect(ring.keys(2 * SECOND)).toEqual([a.key, b.key])
    expect(ring.keys(400 * SECOND)).toEqual([a.key])
  })

  it('holds several keys of one answer, whatever their order', () => {
    const ring = createKeyRing(300 * SECOND)
    read(ring, [a, b], 0)
    read(ring, [b, a], SECOND)
    expect(ring.entries(SECOND).map(({ until }) => until)).toEqual([Infinity, Infinity])
    expect(ring.covers(0, 0, NOW)).toBe(true)
  })

  it('gives the same array as long as the keys are the same', () => {
    const ring = createKeyRing(300 * SECOND)
    read(ring, [a], 0)
    const before = ring.keys(0)
    read(ring, [a], SECOND)
    expect(ring.keys(SECOND)).toBe(before)
    read(ring, [b], SECOND)
    expect(ring.keys(SECOND)).not.toBe(before)
  })
})

describe('key ring: whose answer counts', () => {
  it('ignores the answer of a read that was begun before one already answered', () => {
    const ring = createKeyRing(300 * SECOND)
    const early = ring.begin()
    read(ring, [b], SECOND)
    expect(ring.confirm([a], { place: early, begun: 0, ended: 2 * SECOND })).toBe(false)
    expect(ring.keys(2 * SECOND)).toEqual([b.key])
    expect(ring.confirmedAt).toBe(SECOND)
  })

  it('lets what the account tells of its own accord overrule reads begun before', () => {
    const ring = createKeyRing(300 * SECOND)
    read(ring, [a], 0)
    const post = ring.begin()
    const get = ring.begin()
    ring.confirm([b], { place: post, begun: SECOND, ended: 2 * SECOND, overrules: ring.begin() })
    ring.confirm([a], { place: get, begun: SECOND, ended: 3 * SECOND })
    expect(ring.keys(3 * SECOND)).toEqual([b.key, a.key])
  })

  it('says which answers brought a key that it had not', () => {
    const ring = createKeyRing(300 * SECOND)
    expect(read(ring, [a], 0)).toBe(false)
    expect(read(ring, [a], SECOND)).toBe(false)
    expect(read(ring, [b], SECOND)).toBe(true)
    expect(read(ring, [a], SECOND)).toBe(false)
    expect(read(ring, [b], 500 * SECOND)).toBe(true)
  })

  it('takes up what an earlier process knew only before its own first read', () => {
    const ring = createKeyRing(300 * SECOND)
    ring.restore([a, { ...b, until: 100 * SECOND }], 0)
    expect(ring.keys(50 * SECOND)).toEqual([a.key, b.key])
    expect(ring.keys(100 * SECOND)).toEqual([a.key])
    read(ring, [c], 101 * SECOND)
    ring.restore([b], 0)
    expect(ring.keys(102 * SECOND)).toEqual([c.key, a.key])
  })

  it('does not keep a restored old key for longer than the overlap of today', () => {
    const ring = createKeyRing(0)
    ring.restore([a, { ...b, until: 100 * SECOND }], 0)
    expect(ring.keys(50 * SECOND)).toEqual([a.key])
  })
})

describe('key ring: over which time it knows every key', () => {
  it('covers nothing before the first read', () => {
    expect(createKeyRing(0).covers(0, 0, NOW)).toBe(false)
  })

  it('does not cover what was signed before the first read was answered', () => {
    const ring = createKeyRing(0)
    const { begun } = ring
    ring.confirm([a], { place: ring.begin(), begun: 10 * SECOND, ended: 12 * SECOND })
    expect(ring.covers(11 * SECOND, begun, NOW)).toBe(false)
    expect(ring.covers(12 * SECOND, begun, NOW)).toBe(true)
  })

  it('does not cover what was signed before its own first read, whatever an earlier process knew', () => {
    const ring = createKeyRing(0)
    const { begun } = ring
    ring.restore([a], 10 * SECOND)
    ring.confirm([a], { place: ring.begin(), begun: 50 * SECOND, ended: 52 * SECOND })
    expect(ring.covers(11 * SECOND, begun, NOW)).toBe(false)
    expect(ring.covers(52 * SECOND, begun, NOW)).toBe(true)
  })

  it('covers what a read came after that was begun after the delivery had arrived', () => {
    const ring = createKeyRing(0)
    read(ring, [a], 0)
    const { begun } = ring
    expect(ring.covers(10 * SECOND, begun, NOW)).toBe(false)
    read(ring, [a], 10 * SECOND)
    expect(ring.covers(10 * SECOND, begun, NOW)).toBe(true)
    expect(ring.covers(10 * SECOND, ring.begun, NOW)).toBe(false)
  })

  it('covers without a new read only what was signed 31 s before the last one (a second of rounding, 30 of skew)', () => {
    const ring = createKeyRing(0)
    read(ring, [a], 0)
    read(ring, [a], 100 * SECOND)
    expect(ring.covers(69 * SECOND, ring.begun, NOW)).toBe(true)
    expect(ring.covers(70 * SECOND, ring.begun, NOW)).toBe(false)
  })

  it('does not cover the time before a change was seen: a third key may have come and gone', () => {
    const ring = createKeyRing(300 * SECOND)
    read(ring, [a], 0)
    read(ring, [c], 100 * SECOND)
    read(ring, [c], 200 * SECOND)
    expect(ring.covers(50 * SECOND, 0, NOW)).toBe(false)
    expect(ring.covers(100 * SECOND, 0, NOW)).toBe(true)
  })

  it('does not count what the account told while another read could have seen more', () => {
    const ring = createKeyRing(300 * SECOND)
    read(ring, [a], 0)
    const post = ring.begin()
    const { begun } = ring
    ring.confirm([b], { place: post, begun: SECOND, ended: SECOND, overrules: ring.begin() })
    expect(ring.covers(2 * SECOND, begun, NOW)).toBe(false)
  })

  it('knows nothing of the future again after a clock was set back', () => {
    const ring = createKeyRing(300 * SECOND)
    read(ring, [a], 1000 * SECOND)
    read(ring, [a], 10 * SECOND)
    const { begun } = ring
    read(ring, [a], 11 * SECOND)
    expect(ring.covers(10 * SECOND, begun, NOW)).toBe(true)
  })
})
