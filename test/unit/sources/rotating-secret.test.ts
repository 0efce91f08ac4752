import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { createVerifier, rotatingSecret } from 'countersign'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'
import { resolveRotatingOptions } from '../../../src/sources/rotating-options.js'
import { createRotatingSource } from '../../../src/sources/rotating-secret.js'
import {
  answer,
  createWorld,
  hang,
  hangForEver,
  knowing,
  slowly,
  type World,
} from '../../support/rotation-world.js'
import { createVirtualTime } from '../../support/virtual-time.js'

const unhandled: unknown[] = []
const noticed = (error: unknown): unknown => unhandled.push(error)
beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', noticed)
})
afterEach(() => {
  process.removeListener('unhandledRejection', noticed)
  expect(unhandled).toEqual([])
})

describe('the first read', () => {
  it('starts at creation, so that keys are there before the first delivery', async () => {
    const world = createWorld()
    await world.time.settle()
    expect(world.calls).toEqual([0])
    expect(await world.deliver()).toBe('accepted')
    expect(world.calls).toEqual([0])
  })

  it('waits for the first delivery if `warm` is false', async () => {
    const world = createWorld({ warm: false })
    await world.time.settle()
    expect(world.calls).toEqual([])
    expect(await world.deliver()).toBe('accepted')
    expect(world.calls).toEqual([0])
  })

  it('is one call however many deliveries wait', async () => {
    const world = createWorld({ warm: false })
    world.behaviour = slowly(world, 1)
    const verdicts = Promise.all(Array.from({ length: 200 }, () => world.deliver()))
    await world.time.pass(1)
    expect(new Set(await verdicts)).toEqual(new Set(['accepted']))
    expect(world.calls).toHaveLength(1)
  })

  it('that fails has the delivery refused as unavailable, never as a bad signature', async () => {
    const world = createWorld({ warm: false })
    world.behaviour = answer(401)
    expect(await world.deliver()).toBe('secret_unavailable')
    expect(await world.forge()).toBe('secret_unavailable')
  })

  it('keeps no delivery waiting for longer than `timeout`', async () => {
    const world = createWorld({ warm: false, timeout: 2 })
    world.behaviour = hangForEver
    const verdicts = Promise.all([world.deliver(), world.forge()])
    await world.time.pass(2)
    expect(await verdicts).toEqual(['secret_unavailable', 'secret_unavailable'])
  })

  it('is the only one for a delivery, so that a slow account costs one time-out at most', async () => {
    const world = createWorld({ warm: false })
    world.behaviour = slowly(world, 4)
    const verdict = world.forge()
    await world.time.pass(4)
    expect(await verdict).toBe('signature_undecided')
    expect(world.calls).toHaveLength(1)
  })

  it('that was already under way, and slow, is not followed by a second one', async () => {
    const world = createWorld({ warm: false })
    world.behaviour = slowly(world, 4)
    const refreshed = world.source.refresh()
    await world.time.pass(0.5)
    const verdict = world.forge()
    await world.time.pass(3.5)
    await refreshed
    expect(await verdict).toBe('signature_undecided')
    expect(world.calls).toHaveLength(1)
  })

  it('leaves a delivery undecided that was signed before it: an older key may have been valid then', async () => {
    expect(await (await knowing()).forge({ age: 3 })).toBe('signature_undecided')
    expect(await (await knowing()).forge({ age: 1 })).toBe('signature_mismatch')
  })
})

describe('age', () => {
  it('answers from memory up to `maxAge`, without a call', async () => {
    const world = await knowing()
    await world.time.pass(598)
    expect(await world.deliver()).toBe('accepted')
    expect(world.calls).toEqual([0])
  })

  it('answers from memory past `maxAge` and refreshes behind, once', async () => {
    const world = await knowing()
    world.behaviour = slowly(world, 1)
    await world.time.pass(599)
    const before = world.source.read({})
    expect(before).toMatchObject({ keys: [expect.anything()] })
    expect(await Promise.all([world.deliver(), world.deliver()])).toEqual(['accepted', 'accepted'])
    expect(world.calls).toEqual([0, 601])
    await world.time.pass(1)
    expect(world.source.status().age).toBe(1)
  })

  it('makes a mismatch final by the read that the delivery itself started behind', async () => {
    const world = await knowing()
    world.behaviour = slowly(world, 1)
    await world.time.pass(600)
    const verdict = world.forge()
    await world.time.pass(1)
    expect(await verdict).toBe('signature_mismatch')
    expect(world.calls).toEqual([0, 602])
  })

  it('hands the work behind an answer to `waitUntil`', async () => {
    const world = await knowing()
    world.behaviour = slowly(world, 1)
    await world.time.pass(600)
    const waitUntil = jest.fn<(work: Promise<unknown>) => void>()
    expect(await world.deliver(world.secret, { context: { waitUntil } })).toBe('accepted')
    expect(waitUntil).toHaveBeenCalledTimes(1)
    await world.time.pass(1)
    await expect(waitUntil.mock.calls[0]?.[0]).resolves.toBeUndefined()
  })

  it.each<[string, () => void]>([
    [
      'throws',
      () => {
        throw new Error('not in a request')
      },
    ],
    ['rejects', () => Promise.reject(new Error('not in a request')) as unknown as undefined],
  ])('accepts, and prints the error, if `waitUntil` %s', async (_how, waitUntil) => {
    const printed = jest.spyOn(console, 'error').mockImplementation(() => {})
    const world = await knowing()
    await world.time.pass(600)
    expect(await world.deliver(world.secret, { context: { waitUntil } })).toBe('accepted')
    await world.time.pass(1)
    expect(world.calls).toHaveLength(2)
    expect(printed).toHaveBeenCalledWith(expect.any(String), new Error('not in a request'))
    printed.mockRestore()
  })

  it('hands that work to every request that waits for it', async () => {
    const world = createWorld({ warm: false })
    world.behaviour = slowly(world, 1)
    const works: Promise<unknown>[] = []
    const context = { waitUntil: (work: Promise<unknown>) => works.push(work) }
    const verdicts = [1, 2].map(() => world.deliver(world.secret, { context }))
    await world.time.pass(1)
    expect(await Promise.all(verdicts)).toEqual(['accepted', 'accepted'])
    expect(works).toHaveLength(2)
  })

  it('goes on answering from memory for a day while the account is down', async () => {
    const world = await knowing()
    world.behaviour = answer(503)
    for (let hour = 1; hour <= 23; hour += 1) {
      await world.time.pass(3600)
      expect(await world.deliver()).toBe('accepted')
    }
    expect(world.errors.every(({ reason }) => reason === 'unavailable')).toBe(true)
  })

  it('after days without a delivery, answers from memory within `maxStale`', async () => {
    const world = await knowing({ maxStale: 4 * 86_400 })
    world.behaviour = hang
    await world.time.pass(4 * 86_400 - 3)
    expect(await world.deliver()).toBe('accepted')
    await world.time.pass(5)
  })

  it('answers from memory at the very end of `maxStale`', async () => {
    const world = await knowing({ maxAge: 60, maxStale: 600 })
    world.behaviour = hang
    await world.time.pass(598)
    expect(world.source.status().age).toBe(600)
    expect(await world.deliver()).toBe('accepted')
    await world.time.pass(5)
  })

  it('gives the platform the read that a mismatch starts, so that it can end after the answer', async () => {
    const world = await knowing()
    const works: Promise<unknown>[] = []
    const context = { request: undefined, waitUntil: (work: Promise<unknown>) => works.push(work) }
    expect(await world.deliver()).toBe('accepted')
    expect(works).toHaveLength(0)
    await world.forge({ context })
    expect(works).toHaveLength(1)
    await works[0]
  })

  it('refuses with the error of the last read as the cause', async () => {
    const world = createWorld({ warm: false })
    world.behaviour = answer(401)
    const verify = createVerifier({ secret: world.source, now: world.time.now, warn: false })
    const { body, headers } = await signedRequest({ secret: world.secret, now: world.time.now })
    await expect(verify(body, headers)).rejects.toMatchObject({
      code: 'secret_unavailable',
      cause: { reason: 'unauthorized' },
    })
  })

  it('refreshes before it answers past `maxStale`, and refuses if that fails', async () => {
    const world = await knowing()
    world.behaviour = answer(500)
    await world.time.pass(86_399)
    const verdict = world.deliver()
    await world.time.pass(5)
    expect(await verdict).toBe('secret_unavailable')
    world.behaviour = () => world.secret
    await world.time.pass(5)
    expect(await world.deliver()).toBe('accepted')
  })

  it('refreshes before every answer if `maxStale` is 0, and trusts a slow answer of the account', async () => {
    const world = createWorld({ maxAge: 0, maxStale: 0, warm: false })
    world.behaviour = slowly(world, 2)
    for (let round = 0; round < 3; round += 1) {
      const verdicts = Promise.all([world.deliver(), world.deliver()])
      await world.time.pass(1)
      const joined = world.deliver()
      await world.time.pass(2)
      expect([...(await verdicts), await joined]).toEqual(['accepted', 'accepted', 'accepted'])
      world.rotate()
    }
    expect(world.calls).toHaveLength(3)
    world.behaviour = answer(401)
    expect(await world.deliver()).toBe('secret_unavailable')
  })

  it('counts age from when the read was begun', async () => {
    const world = createWorld()
    world.behaviour = slowly(world, 3)
    await world.time.pass(4)
    expect(world.source.status().age).toBe(4)
  })

  it('reads again after the clock was set back, and does not trust a read of the future', async () => {
    const world = await knowing()
    world.time.setBack(3600)
    expect(await world.deliver()).toBe('accepted')
    await world.time.settle()
    expect(world.calls).toHaveLength(2)
    expect(world.source.status().age).toBe(0)
    await world.time.pass(1)
    expect(await world.forge()).toBe('signature_mismatch')
  })
})

describe('a clock that was ahead', () => {
  it('and is right again: a read of the future does not make a mismatch final', async () => {
    const world = await knowing()
    world.time.setBack(-120)
    await world.source.refresh()
    world.time.setBack(120)
    world.rotate()
    expect(await world.deliver()).toBe('accepted')
  })
})

describe('a rotation', () => {
  it('is found by the first delivery that the new key signed, which is accepted', async () => {
    const world = await knowing()
    world.rotate()
    expect(await world.deliver()).toBe('accepted')
    expect(world.calls).toEqual([0, 2])
  })

  it('is one call however many deliveries come with the new key', async () => {
    const world = await knowing()
    world.rotate()
    world.behaviour = slowly(world, 0.5)
    const verdicts = Promise.all(Array.from({ length: 200 }, () => world.deliver()))
    await world.time.pass(0.5)
    expect(new Set(await verdicts)).toEqual(new Set(['accepted']))
    expect(world.calls).toHaveLength(2)
  })

  it('soon after another one is found at once too, because deliveries prove that the sender uses the keys', async () => {
    const world = await knowing()
    for (let round = 0; round < 5; round += 1) {
      world.rotate()
      expect(await world.deliver()).toBe('accepted')
      expect(world.source.status().nextAttemptIn).toBe(0)
      await world.time.pass(1)
    }
  })

  it('leaves the old key valid for the overlap', async () => {
    const world = await knowing()
    const old = world.secret
    world.rotate()
    expect(await world.deliver()).toBe('accepted')
    await world.time.pass(299)
    expect(await world.deliver(old)).toBe('accepted')
    await world.time.pass(1)
    expect(await world.deliver(old)).toBe('signature_mismatch')
  })

  it('several in one overlap leave each key its own time', async () => {
    const world = await knowing()
    const first = world.secret
    const second = world.rotate()
    await world.deliver()
    await world.time.pass(200)
    world.rotate()
    await world.deliver()
    await world.time.pass(99)
    expect(await world.deliver(first)).toBe('accepted')
    await world.time.pass(1)
    expect(await world.deliver(first)).toBe('signature_mismatch')
    expect(await world.deliver(second)).toBe('accepted')
    await world.time.pass(199)
    expect(await world.deliver(second)).toBe('accepted')
    await world.time.pass(1)
    expect(await world.deliver(second)).toBe('signature_mismatch')
  })

  it('keeps no old key if the overlap is 0', async () => {
    const world = await knowing({ overlap: 0 })
    const old = world.secret
    world.rotate()
    expect(await world.deliver()).toBe('accepted')
    await world.time.pass(1)
    expect(await world.deliver(old)).toBe('signature_mismatch')
  })

  it('keeps none after forgetPrevious()', async () => {
    const world = await knowing()
    const old = world.secret
    world.rotate()
    await world.source.refresh()
    world.source.forgetPrevious()
    await world.time.pass(1)
    expect(await world.deliver(old)).toBe('signature_mismatch')
    expect(await world.deliver()).toBe('accepted')
  })

  it('before the first read leaves a delivery undecided if the sender’s clock is ahead', async () => {
    const world = createWorld({ warm: false })
    const old = world.secret
    world.rotate()
    await world.source.refresh()
    await world.time.pass(1)
    expect(await world.deliver(old, { age: -29 })).toBe('signature_undecided')
    await world.time.pass(31)
    expect(await world.deliver(old, { age: -29 })).toBe('signature_mismatch')
  })

  it('twice between two reads leaves the key in between undecided, never refused', async () => {
    const world = await knowing()
    await world.time.pass(0.5)
    const unseen = world.rotate()
    world.rotate()
    expect(await world.deliver()).toBe('accepted')
    expect(await world.deliver(unseen)).toBe('signature_undecided')
    await world.time.pass(100)
    expect(await world.deliver(unseen, { age: 100 })).toBe('signature_undecided')
  })

  it('among very many is handled the same', async () => {
    const world = await knowing({ overlap: 10 })
    const unseen: string[] = []
    await world.time.pass(0.5)
    for (let round = 0; round < 50; round += 1) {
      unseen.push(world.rotate())
      world.rotate()
      expect(await world.deliver()).toBe('accepted')
      await world.time.pass(2)
    }
    expect(await world.deliver(unseen[0], { age: 99 })).toBe('signature_undecided')
  })

  it('while a read is under way leaves the delivery that joined it undecided', async () => {
    const world = await knowing()
    world.behaviour = slowly(world, 1)
    const early = world.forge()
    await world.time.pass(0.5)
    world.rotate()
    const joined = world.deliver()
    await world.time.pass(0.5)
    expect(await early).toBe('signature_mismatch')
    expect(await joined).toBe('signature_undecided')
    world.behaviour = () => world.secret
    await world.time.pass(1)
    expect(await world.deliver()).toBe('accepted')
  })

  it('in the very millisecond of the read is not missed', async () => {
    const world = await knowing()
    const { behaviour } = world
    world.behaviour = slowly(world, 0)
    const early = world.forge()
    await world.time.settle()
    world.rotate()
    const late = world.deliver()
    await world.time.pass(0)
    world.behaviour = behaviour
    expect(await early).toBe('signature_mismatch')
    expect(await late).toBe('signature_undecided')
  })

  it('in that millisecond is not missed either if the sender’s clock is ahead', async () => {
    const world = await knowing()
    expect(await world.forge()).toBe('signature_mismatch')
    expect(await world.deliver(world.rotate(), { age: -10 })).toBe('signature_undecided')
  })

  it('is reported once, by fingerprints', async () => {
    const world = await knowing()
    const [before] = world.source.status().keyIds
    world.rotate()
    await world.source.refresh()
    await world.source.refresh()
    const { keyIds } = world.source.status()
    expect(world.rotations).toEqual([{ keyIds, previousKeyIds: [before] }])
    expect(keyIds).not.toEqual([before])
  })

  it('of a source with several secrets keeps those that stay and retires those that go', async () => {
    const world = await knowing()
    const [old, both, next] = [world.secret, generateSecret(), generateSecret()]
    world.behaviour = () => [both, next]
    expect(await world.deliver(next)).toBe('accepted')
    expect(await world.deliver(both)).toBe('accepted')
    expect(await world.deliver(old)).toBe('accepted')
    expect(world.source.status()).toMatchObject({
      keyIds: { length: 2 },
      previous: [{ expiresIn: 300 }],
    })
  })

  it('seen through a stale replica that flaps loses no delivery', async () => {
    const world = await knowing()
    const old = world.secret
    const next = world.rotate()
    for (let round = 0; round < 20; round += 1) {
      world.behaviour = () => (round % 2 ? old : next)
      await world.source.refresh()
      expect(await world.deliver(next)).toBe('accepted')
      await world.time.pass(20)
    }
  })
})

describe('a mismatch', () => {
  it('is final when a read begun after the delivery arrived shows no other key', async () => {
    const world = await knowing()
    expect(await world.forge()).toBe('signature_mismatch')
    expect(world.calls).toEqual([0, 2])
  })

  it('is final without a call when the last read came well after it was signed', async () => {
    const world = await knowing()
    await world.time.pass(600)
    await world.source.refresh()
    expect(await world.forge({ age: 31 })).toBe('signature_mismatch')
    expect(world.calls).toHaveLength(2)
  })

  it('is undecided while the pause lasts, and so is a rotation in it', async () => {
    const world = await knowing()
    await world.forge()
    expect(await world.forge()).toBe('signature_undecided')
    world.rotate()
    expect(await world.deliver()).toBe('signature_undecided')
    await world.time.pass(1)
    expect(await world.deliver()).toBe('accepted')
  })

  it('says when another attempt can help', async () => {
    const world = await knowing()
    for (const pause of [0, 1, 2, 4]) {
      await world.time.pass(pause)
      await world.forge()
    }
    const { current, retryAfter } = await world.source.reread(world.time.now() / 1000, {})
    expect({ current, retryAfter }).toEqual({ current: false, retryAfter: 8 })
    await world.time.pass(8)
    world.rotate()
    // A rotation was found, so another attempt may start at once. A sender still waits for a second.
    expect(await world.source.reread(world.time.now() / 1000, {})).toMatchObject({ retryAfter: 1 })
  })

  it('without any key says the same, in whole seconds', async () => {
    for (const onError of [() => {}, undefined]) {
      const world = createWorld({ warm: false, onError })
      world.behaviour = answer(429, 7.5)
      const error = await Promise.resolve(world.source.read({})).catch((error: unknown) => error)
      // An observer has been called, so no warning is printed.
      const quiet = onError !== undefined
      expect(error).toMatchObject({ code: 'secret_unavailable', retryAfter: 8, quiet })
    }
  })

  it('that was read for a moment ago leaves the secret unknown if that read is too old to be used', async () => {
    const world = await knowing({ maxAge: 0.5, maxStale: 0.5 })
    await world.forge()
    await world.time.pass(0.3)
    expect(await world.forge()).toBe('signature_mismatch')
    await world.time.pass(0.6)
    expect(world.calls).toEqual([0, 2, 2.3])
    expect(() => world.source.read({})).toThrow(
      expect.objectContaining({
        code: 'secret_unavailable',
        message: 'no signing secret is known: the last read is too old',
      }),
    )
  })

  it('is undecided while the account is down, never refused', async () => {
    const world = await knowing()
    world.behaviour = answer(500)
    world.rotate()
    const verdict = world.deliver()
    await world.time.pass(5)
    expect(await verdict).toBe('signature_undecided')
  })

  it('keeps no delivery waiting for longer than `timeout`, whenever it joins', async () => {
    const world = await knowing({ timeout: 2 })
    world.behaviour = hangForEver
    const early = world.forge()
    await world.time.pass(1.9)
    const late = world.forge()
    await world.time.pass(0.1)
    expect(await Promise.all([early, late])).toEqual(['signature_undecided', 'signature_undecided'])
  })

  it('that has waited for something else causes a call only while that may end in time', async () => {
    for (const [waited, calls] of [
      [0.1, 2],
      [0.101, 1],
    ] as const) {
      const world = await knowing()
      const { reread } = world.source.arrive?.() ?? world.source
      await world.time.pass(waited)
      await reread(world.time.now() / 1000, {})
      expect(world.calls).toHaveLength(calls)
    }
  })

  it('causes no call if no candidate can be right', async () => {
    const world = await knowing()
    const read = jest.spyOn(world.source, 'read')
    for (const age of [400, -400]) await world.forge({ age })
    expect(read).not.toHaveBeenCalled()
    expect(world.calls).toHaveLength(1)
  })
})

describe('an account that answers badly', () => {
  it.each([
    ['too short a secret', () => 'wh_asdf1234', 'secret_invalid'],
    ['an undecodable secret', () => `wh_${'?'.repeat(40)}`, 'secret_invalid'],
    ['an empty secret', () => '', 'secret_invalid'],
    ['no secret', () => [], 'secret_missing'],
    ['a number', () => 42, 'secret_invalid'],
    ['nothing', () => undefined, 'secret_invalid'],
    ['null', () => null, 'secret_invalid'],
    ['a signing key', () => `whsk_${'A'.repeat(43)}=`, 'secret_invalid'],
    ['two bad secrets', () => ['wh_y', 'wh_x'], 'secret_invalid'],
    ['401', answer(401), 'unauthorized'],
    ['403', answer(403), 'unauthorized'],
    ['404', answer(404), 'rejected'],
    ['429', answer(429, 30), 'rate_limited'],
    ['500', answer(500, 30), 'unavailable'],
    [
      'a throw',
      () => {
        throw new Error('broken')
      },
      'network',
    ],
    ['a rejection that is no error', () => Promise.reject('broken'), 'network'],
    ['never', hangForEver, 'timeout'],
  ] as const)(
    '%s: is reported with its reason and costs no good secret',
    async (_, behaviour, reason) => {
      const world = await knowing()
      const good = world.secret
      world.behaviour = behaviour
      const refreshed = world.source.refresh().catch((error: unknown) => error)
      await world.time.pass(5)
      expect(await refreshed).toMatchObject({ name: 'RefreshError', reason })
      expect(world.errors).toEqual([await refreshed])
      expect(await world.deliver(good)).toBe('accepted')
      const shown = JSON.stringify(world.errors) + String(world.errors[0])
      // The message for a short secret names the account's own example.
      expect(shown.replace('(wh_asdf1234 in the', '')).not.toContain('wh_')
    },
  )

  it('with a bad secret among good ones: the bad one is skipped and reported', async () => {
    const world = await knowing()
    const [old, next] = [world.secret, generateSecret()]
    world.behaviour = () => ['wh_asdf1234', next, 42]
    await world.source.refresh()
    expect(world.errors).toMatchObject([
      {
        reason: 'secret_invalid',
        message: expect.stringMatching(
          /^2 of 3 secrets in the answer cannot be used: the secret has 6 key bytes; .*minSecretBytes/,
        ),
      },
    ])
    expect(await world.deliver(next)).toBe('accepted')
    expect(await world.deliver(old)).toBe('accepted')
    expect(world.source.status()).toMatchObject({ keyIds: [expect.any(String)] })
  })

  it('with a new key at each call is asked about eight times in a minute of forgeries, and few keys are kept', async () => {
    const world = await knowing()
    world.behaviour = () => generateSecret()
    for (let second = 0; second < 600; second += 2) {
      await world.forge()
      await world.time.pass(2)
    }
    const inMinute = world.calls.map((from) =>
      world.calls.filter((at) => at >= from && at < from + 60),
    )
    expect(Math.max(...inMinute.map(({ length }) => length))).toBeLessThanOrEqual(9)
    expect(world.source.status().previous.length).toBeLessThanOrEqual(32)
  })

  it('has its Retry-After honoured by the pause, up to ten minutes', async () => {
    const world = await knowing()
    world.behaviour = answer(429, 120)
    await world.forge()
    await world.time.pass(119)
    expect(await world.forge()).toBe('signature_undecided')
    expect(world.calls).toHaveLength(2)
    world.behaviour = answer(503, 86_400)
    await world.time.pass(1)
    await world.forge()
    expect(world.calls).toHaveLength(3)
    expect(world.source.status().nextAttemptIn).toBe(600)
  })

  it('is asked again in a refresh after a quiet time, and not in one after trouble', async () => {
    const world = await knowing()
    world.behaviour = answer(500)
    const first = world.forge()
    await world.time.pass(5)
    await first
    expect(world.calls).toHaveLength(4)
    await world.forge()
    expect(world.calls).toHaveLength(5)
  })

  it('late still counts, unless a newer answer came', async () => {
    const world = await knowing()
    const answers: ((secret: string) => void)[] = []
    world.behaviour = () => new Promise((resolve) => answers.push(resolve as never))
    const early = world.source.refresh().catch(() => {})
    await world.time.pass(5)
    await early
    const next = world.rotate()
    const refreshed = world.source.refresh()
    await world.time.settle()
    answers[1]?.(next)
    await refreshed
    answers[0]?.(generateSecret())
    await world.time.settle()
    expect(world.source.status().keyIds).toHaveLength(1)
    expect(await world.deliver(next)).toBe('accepted')
    expect(world.rotations).toHaveLength(1)
  })
})

describe('the methods', () => {
  it('refresh() reads now, whatever the pause says, and not by joining a read begun before', async () => {
    const world = await knowing()
    await world.forge()
    world.behaviour = slowly(world, 1)
    const early = world.source.refresh()
    await world.time.pass(0.5)
    const next = world.rotate()
    const late = world.source.refresh()
    await world.time.pass(1.5)
    await Promise.all([early, late])
    expect(world.calls).toHaveLength(4)
    expect(await world.deliver(next)).toBe('accepted')
  })

  it('status() holds ages, fingerprints and the next attempt, and no secret', async () => {
    const world = createWorld({ warm: false })
    expect(world.source.status()).toEqual({
      keyIds: [],
      previous: [],
      age: undefined,
      nextAttemptIn: 0,
      refreshing: false,
      refreshes: { succeeded: 0 },
    })
    const old = world.secret
    await world.source.refresh()
    world.rotate()
    world.behaviour = slowly(world, 1)
    const refreshed = world.source.refresh()
    expect(world.source.status().refreshing).toBe(true)
    await world.time.pass(2)
    await refreshed
    void world.source.refresh()
    const status = world.source.status()
    expect(status).toMatchObject({
      keyIds: [expect.any(String)],
      previous: [{ keyId: expect.any(String), expiresIn: 299 }],
      age: 2,
      refreshing: true,
      refreshes: { succeeded: 2 },
    })
    await world.time.pass(5)
    expect(status.refreshes).toEqual({ succeeded: 2 })
    expect(world.source.status().refreshes).toEqual({ succeeded: 3 })
    for (const secret of [old, world.secret]) {
      expect(JSON.stringify(status)).not.toContain(secret.slice(3, 30))
    }
  })

  it('close() ends reads under way and leaves no timer, and the keys in memory serve until `maxStale`', async () => {
    const world = await knowing()
    world.behaviour = hangForEver
    const forged = world.forge()
    const refreshed = world.source.refresh().catch((error: unknown) => error)
    await world.time.settle()
    expect(world.time.timers).toBe(1)
    world.source.close()
    expect(await forged).toBe('signature_undecided')
    expect(await refreshed).toMatchObject({ name: 'RefreshError' })
    expect(world.time.timers).toBe(0)
    expect(world.errors).toEqual([])
    expect(await world.deliver()).toBe('accepted')
    await world.time.pass(86_400)
    expect(await world.deliver()).toBe('secret_unavailable')
    expect(world.calls).toHaveLength(2)
    expect(world.time.timers).toBe(0)
  })

  it('close() aborts no call that was answered before', async () => {
    const world = createWorld({ warm: false })
    const signals: AbortSignal[] = []
    world.behaviour = (signal) => {
      signals.push(signal)
      return world.secret
    }
    await world.source.refresh()
    world.behaviour = (signal) => {
      signals.push(signal)
      return hangForEver()
    }
    const refreshed = world.source.refresh().catch(() => {})
    await world.time.settle()
    world.source.close()
    await refreshed
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true])
    await expect(world.source.refresh()).rejects.toMatchObject({
      reason: 'network',
      message: 'the secret source is closed: create a new one',
    })
  })

  it('close() between two calls of a refresh ends the wait', async () => {
    const world = await knowing()
    world.behaviour = answer(500)
    const forged = world.forge()
    await world.time.pass(0.1)
    world.source.close()
    expect(await forged).toBe('signature_undecided')
    expect(world.time.timers).toBe(0)
  })

  it('an answer after close() changes nothing', async () => {
    const world = await knowing()
    world.behaviour = slowly(world, 1)
    world.rotate()
    const refreshed = world.source.refresh().catch(() => {})
    world.source.close()
    await world.time.pass(2)
    await refreshed
    expect(world.rotations).toEqual([])
    expect(world.source.status().refreshes).toEqual({ succeeded: 1 })
  })

  it('leaves no timer after a read that went well', async () => {
    const world = await knowing()
    await world.source.refresh()
    expect(world.time.timers).toBe(0)
  })

  it('ignores observers that throw or reject', async () => {
    const printed = jest.spyOn(console, 'error').mockImplementation(() => {})
    const world = await knowing({
      onError: () => {
        throw new Error('observer')
      },
      onRotate: (() => Promise.reject(new Error('observer'))) as () => void,
    })
    world.rotate()
    expect(await world.deliver()).toBe('accepted')
    world.behaviour = answer(401)
    await world.source.refresh().catch(() => {})
    await world.time.settle()
    expect(printed).toHaveBeenCalledTimes(2)
    printed.mockRestore()
  })
})

describe('very large durations', () => {
  it('count as long, not as forever and not as zero', async () => {
    const most = Number.MAX_VALUE
    const world = await knowing({ maxAge: most, maxStale: most, overlap: most, timeout: most })
    const old = world.secret
    world.rotate()
    expect(await world.deliver()).toBe('accepted')
    await world.time.pass(1e9)
    expect(await world.deliver(old)).toBe('accepted')
    expect(world.source.status()).toMatchObject({
      keyIds: { length: 1 },
      previous: [{ expiresIn: expect.any(Number) }],
    })
    world.source.forgetPrevious()
    expect(await world.deliver(old)).toBe('signature_mismatch')
  })
})

describe('creation', () => {
  it.each([
    [{ maxAge: -1 }],
    [{ maxStale: Number.NaN }],
    [{ overlap: Number.POSITIVE_INFINITY }],
    [{ timeout: 0 }],
    [{ maxage: 1 }],
    [{ onError: 'log' }],
    [{ fetch: 'https://example.com' }],
    [{ fetch: undefined }],
  ])('refuses %p', (options) => {
    expect(() => rotatingSecret({ fetch: () => '', warm: false, ...options } as never)).toThrow(
      TypeError,
    )
  })
})

it('a source whose factory was passed on without a call is named, and an option of that name is none', () => {
  expect(() => rotatingSecret({ request: {} } as never)).toThrow(
    expect.objectContaining({
      code: 'secret_unavailable',
      message: 'secret is a function that was not called: write secret: rotatingSecret({ fetch })',
    }),
  )
  expect(() => rotatingSecret({ fetch: () => '', request: {} } as never)).toThrow(
    /unknown option request/,
  )
})

describe('a store that shows a rotation late', () => {
  /** The sender signs with a new key, which the store shows a minute later. */
  async function lagging(lag: number): Promise<World & { next: string }> {
    const world = await knowing({ lag })
    const next = generateSecret()
    await world.time.pass(100)
    const changed = world.time.now()
    const old = world.secret
    world.behaviour = () => (world.time.now() - changed < 60_000 ? old : next)
    return Object.assign(world, { next })
  }

  it('refuses no delivery for good within `lag`', async () => {
    const world = await lagging(60)
    const verdicts = new Set<string>()
    for (let second = 0; second < 60; second += 3) {
      verdicts.add(await world.deliver(world.next))
      await world.time.pass(3)
    }
    expect([...verdicts]).toEqual(['signature_undecided'])
    await world.time.pass(60)
    expect(await world.deliver(world.next)).toBe('accepted')
  })

  it('refuses a forgery for good if it is older than the store can lag', async () => {
    const world = await lagging(60)
    await world.time.pass(200)
    await world.source.refresh()
    await world.time.pass(100)
    await world.source.refresh()
    expect(await world.forge({ age: 92 })).toBe('signature_mismatch')
    expect(await world.forge({ age: 30 })).toBe('signature_undecided')
  })
})

describe('the process', () => {
  /** Timers that can be asked how many of them keep the process alive. */
  function aliveTimers(world: { time: World['time'] }) {
    const alive = new Set<object>()
    return {
      alive,
      setTimeout(callback: () => void, milliseconds: number) {
        const timer = {
          ref: () => alive.add(timer),
          unref: () => alive.delete(timer),
          id: world.time.setTimeout(() => {
            alive.delete(timer)
            callback()
          }, milliseconds),
        }
        alive.add(timer)
        return timer
      },
      clearTimeout(timer: unknown) {
        alive.delete(timer as object)
        world.time.clearTimeout((timer as { id?: unknown } | undefined)?.id)
      },
    }
  }

  it('stays alive while a delivery waits for a retry, but not for a read in the background', async () => {
    const holder = {} as { time: World['time'] }
    const timers = aliveTimers(holder)
    const { setTimeout, clearTimeout } = timers
    const world = createWorld({ setTimeout, clearTimeout, warm: false })
    holder.time = world.time
    world.behaviour = answer(503)
    const verdict = world.deliver()
    await world.time.settle()
    expect(timers.alive.size).toBe(2)
    world.behaviour = () => world.secret
    await world.time.pass(1)
    expect(await verdict).toBe('accepted')
    expect(timers.alive.size).toBe(0)
    await world.time.pass(601)
    world.behaviour = answer(503)
    expect(await world.deliver()).toBe('accepted')
    await world.time.settle()
    expect(world.source.status().refreshing).toBe(true)
    expect(timers.alive.size).toBe(0)
    const refreshed = world.source.refresh().catch(() => {})
    await world.time.settle()
    expect(timers.alive.size).toBeGreaterThan(0)
    await world.time.pass(10)
    await refreshed
    expect(timers.alive.size).toBe(0)
    await world.time.pass(600)
    const forged = world.forge()
    await world.time.settle()
    expect(timers.alive.size).toBeGreaterThan(0)
    await world.time.pass(10)
    expect(await forged).toBe('signature_undecided')
    expect(timers.alive.size).toBe(0)
  })

  it('does not stay alive for the first read, if nothing waits for it', async () => {
    const time = createVirtualTime()
    const { alive, setTimeout, clearTimeout } = aliveTimers({ time })
    const source = rotatingSecret({ fetch: hangForEver, now: time.now, setTimeout, clearTimeout })
    await time.settle()
    expect(source.status().refreshing).toBe(true)
    expect([alive.size, time.timers]).toEqual([0, 1])
    source.close()
  })

  it('stays alive while rotate() waits for the account', async () => {
    const holder = {} as { time: World['time'] }
    const { alive, setTimeout, clearTimeout } = aliveTimers(holder)
    let learn: ReturnType<typeof createRotatingSource>['learn'] = async () => {}
    const world = createWorld({ setTimeout, clearTimeout, warm: false }, (options) => {
      const made = createRotatingSource(resolveRotatingOptions(options))
      learn = made.learn
      return made.source
    })
    holder.time = world.time
    const learned = learn(({ signal }) => hang(signal)).catch((error: unknown) => error)
    await world.time.settle()
    expect(alive.size).toBe(1)
    await world.time.pass(5)
    expect(await learned).toMatchObject({ reason: 'timeout' })
    expect(alive.size).toBe(0)
  })
})
