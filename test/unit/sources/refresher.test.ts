// How flights are shared on Node is in rotating-secret.test.ts. On Workers a promise belongs to the request that made it, so no request may wait for another's.
import { beforeAll, expect, it, jest } from '@jest/globals'
import { answer, hangForEver } from '../../support/rotation-world.js'

let createWorld: typeof import('../../support/rotation-world.js').createWorld
let slowly: typeof import('../../support/rotation-world.js').slowly

beforeAll(async () => {
  jest.resetModules()
  jest.doMock('#runtime', () => jest.requireActual('../../../src/sources/runtime.workerd.js'))
  ;({ createWorld, slowly } = await import('../../support/rotation-world.js'))
})

it('reads nothing at creation, because Workers allow no fetch then', async () => {
  const world = createWorld()
  await world.time.settle()
  expect(world.calls).toEqual([])
})

it('has every request of a cold start make its own read', async () => {
  const world = createWorld()
  world.behaviour = slowly(world, 1)
  const verdicts = Promise.all([world.deliver(), world.deliver(), world.deliver()])
  await world.time.pass(1)
  expect(await verdicts).toEqual(['accepted', 'accepted', 'accepted'])
  expect(world.calls).toHaveLength(3)
})

it('does not wait for a read that another request left hanging', async () => {
  const world = createWorld()
  world.behaviour = hangForEver
  void world.deliver()
  await world.time.settle()
  world.behaviour = () => world.secret
  expect(await world.deliver()).toBe('accepted')
})

it('waits for a refresh if nothing keeps the request alive', async () => {
  const world = createWorld()
  await world.deliver()
  await world.time.pass(601)
  world.behaviour = slowly(world, 1)
  let verdict = 'none'
  void world.deliver().then((told) => {
    verdict = told
  })
  await world.time.pass(0.9)
  expect(verdict).toBe('none')
  await world.time.pass(0.1)
  expect(verdict).toBe('accepted')
})

it('answers from memory if the refresh that it waited for fails, to the end of `maxStale`', async () => {
  const world = createWorld({ maxStale: 601 })
  await world.deliver()
  await world.time.pass(601)
  world.behaviour = answer(401)
  expect(await world.deliver()).toBe('accepted')
  expect(world.calls).toHaveLength(2)
})

it('refreshes behind the answer if `waitUntil` keeps the request alive', async () => {
  const world = createWorld()
  await world.deliver()
  await world.time.pass(601)
  world.behaviour = slowly(world, 1)
  const work: Promise<unknown>[] = []
  const context = { waitUntil: (promise: Promise<unknown>) => work.push(promise) }
  expect(await world.deliver(world.secret, { context })).toBe('accepted')
  expect(work).toHaveLength(1)
  expect(await world.deliver(world.secret, { context })).toBe('accepted')
  expect(world.calls).toHaveLength(2)
  await world.time.pass(1)
  await expect(work[0]).resolves.toBeUndefined()
  expect(world.source.status().age).toBe(1)
})

it('keeps the request alive until the snapshot is saved', async () => {
  let saved = (): void => {}
  const save = () => new Promise<boolean>((resolve) => (saved = () => resolve(true)))
  const world = createWorld({ snapshot: { load: () => undefined, save } })
  const work: Promise<unknown>[] = []
  const context = { waitUntil: (promise: Promise<unknown>) => work.push(promise) }
  expect(await world.deliver(world.secret, { context })).toBe('accepted')
  let isDone = false
  work[0]?.then(() => (isDone = true))
  await world.time.settle()
  expect(isDone).toBe(false)
  saved()
  await world.time.settle()
  expect(isDone).toBe(true)
})

it('lets one request at a time refresh a stale secret, and another if the first is lost', async () => {
  const world = createWorld()
  await world.deliver()
  await world.time.pass(601)
  world.behaviour = hangForEver
  void world.deliver()
  await world.time.settle()
  expect(await world.deliver()).toBe('accepted')
  expect(world.calls).toHaveLength(2)
})

it('takes a read for lost as soon as its time is over, to the millisecond', async () => {
  // The platform has stopped the request that reads, and its timers with it.
  const world = createWorld({ setTimeout: () => undefined })
  await world.deliver()
  await world.time.pass(601)
  world.behaviour = hangForEver
  void world.deliver()
  await world.time.pass(4.999)
  expect(world.source.status().refreshing).toBe(true)
  expect(await world.deliver()).toBe('accepted')
  expect(world.calls).toHaveLength(2)
  await world.time.pass(0.001)
  expect(world.source.status().refreshing).toBe(false)
  void world.deliver()
  await world.time.settle()
  expect(world.calls).toHaveLength(3)
})

it('does the same if reads have failed and there are no keys', async () => {
  const world = createWorld({ setTimeout: () => undefined })
  world.behaviour = answer(401)
  expect(await world.deliver()).toBe('secret_unavailable')
  await world.time.pass(1)
  world.behaviour = hangForEver
  void world.deliver()
  await world.time.pass(4.999)
  expect(await world.deliver()).toBe('secret_unavailable')
  expect(world.calls).toHaveLength(2)
  await world.time.pass(0.001)
  world.behaviour = () => world.secret
  expect(await world.deliver()).toBe('accepted')
})

it('saves the snapshot without waiting for a save that another request left hanging', async () => {
  const save = jest.fn<() => Promise<boolean>>().mockResolvedValue(true)
  save.mockReturnValueOnce(new Promise(() => {}))
  const world = createWorld({ snapshot: { load: () => undefined, save } })
  await world.deliver()
  await world.time.settle()
  expect(save).toHaveBeenCalledTimes(1)
  const refreshed = world.source.refresh()
  await world.time.settle()
  expect(save).toHaveBeenCalledTimes(2)
  await refreshed
  await world.time.pass(5)
})

it('a secret from another call: waits for the read that decides whether it is the newest', async () => {
  const { createRotatingSource } = await import('../../../src/sources/rotating-secret.js')
  const { resolveRotatingOptions } = await import('../../../src/sources/rotating-options.js')
  let learn: ReturnType<typeof createRotatingSource>['learn'] = async () => {}
  const world = createWorld({}, (options) => {
    const made = createRotatingSource(resolveRotatingOptions(options))
    learn = made.learn
    return made.source
  })
  await world.deliver()
  world.behaviour = slowly(world, 2)
  const refreshed = world.source.refresh()
  const next = world.rotate()
  let isLearned = false
  const learned = learn(() => next).then(() => (isLearned = true))
  await world.time.pass(1)
  // Its keys are used at once.
  expect(await world.deliver(next)).toBe('accepted')
  expect(isLearned).toBe(false)
  await world.time.pass(1)
  await Promise.all([refreshed, learned])
  expect(world.calls).toHaveLength(3)
})

it('counts many reads that fail together as one', async () => {
  const world = createWorld()
  world.behaviour = answer(401)
  await Promise.all(Array.from({ length: 20 }, () => world.deliver()))
  expect(world.source.status().nextAttemptIn).toBeCloseTo(1)
})

it('finds a rotation next to the refresh behind the answer, also not long after trouble', async () => {
  const world = createWorld()
  await world.deliver()
  await world.time.pass(500)
  world.behaviour = answer(401)
  await world.forge()
  await world.time.pass(101)
  world.rotate()
  world.behaviour = slowly(world, 1)
  const verdict = world.deliver(world.secret, { context: { waitUntil: () => {} } })
  await world.time.pass(1)
  expect(await verdict).toBe('accepted')
})

it('makes one read at a time if reads have failed, however many requests there are', async () => {
  const world = createWorld()
  world.behaviour = hangForEver
  const verdicts = [world.deliver()]
  await world.time.pass(10)
  for (let second = 0; second < 120; second += 1) {
    for (let copy = 0; copy < 5; copy += 1) verdicts.push(world.forge())
    await world.time.pass(1)
  }
  await world.time.pass(5)
  expect(new Set(await Promise.all(verdicts))).toEqual(new Set(['secret_unavailable']))
  expect(world.calls.length).toBeLessThan(10)
  world.behaviour = () => world.secret
  await world.time.pass(60)
  expect(await world.deliver()).toBe('accepted')
})

it('finds a rotation, and counts a flood from when its reads begin', async () => {
  const world = createWorld()
  await world.deliver()
  await world.time.pass(2)
  world.behaviour = slowly(world, 0.5)
  const forged = Promise.all(Array.from({ length: 20 }, () => world.forge()))
  await world.time.pass(0.5)
  expect(new Set(await forged)).toEqual(new Set(['signature_mismatch', 'signature_undecided']))
  expect(world.calls).toHaveLength(2)
  await world.time.pass(2)
  world.rotate()
  const verdict = world.deliver()
  await world.time.pass(0.5)
  expect(await verdict).toBe('accepted')
})

it('lets no late answer overwrite a newer one', async () => {
  const world = createWorld()
  await world.deliver()
  await world.time.pass(2)
  world.behaviour = slowly(world, 3)
  const late = world.source.refresh()
  await world.time.pass(1)
  world.rotate()
  world.behaviour = () => world.secret
  expect(await world.deliver()).toBe('accepted')
  await world.time.pass(3)
  await late
  expect(world.rotations).toHaveLength(1)
  await world.time.pass(400)
  expect(await world.deliver()).toBe('accepted')
})
