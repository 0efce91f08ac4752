// What one delivery sees and waits for. `rotating-secret.test.ts` has the same through a verifier.
import { describe, expect, it } from '@jest/globals'
import type { SecretSource } from '../../../src/delivery/types.js'
import { answer, createWorld, slowly, type World } from '../../support/rotation-world.js'

/** A source that has known the account's key for some seconds, and a delivery that arrives now. */
async function arriving(
  options: Parameters<typeof createWorld>[0] = {},
  knownFor = 200,
): Promise<{ world: World; delivery: Required<ReturnType<NonNullable<SecretSource['arrive']>>> }> {
  const world = createWorld(options)
  await world.time.pass(knownFor)
  const delivery = world.source.arrive?.()
  if (!delivery) throw new Error('a rotating source has arrive()')
  return { world, delivery }
}

const seconds = (world: World): number => world.time.now() / 1000

describe('a delivery whose body is long under way', () => {
  it('still reads the account if that took up to 2 % of `timeout`', async () => {
    const { world, delivery } = await arriving()
    await world.time.pass(0.1)
    expect(await delivery.reread(seconds(world), {})).toMatchObject({ current: true })
    expect(world.calls).toEqual([0, 200.1])
  })

  it('does not read the account after a longer time, since its sender has waited enough', async () => {
    const { world, delivery } = await arriving()
    await world.time.pass(0.2)
    expect(await delivery.reread(seconds(world), {})).toMatchObject({ current: false })
    expect(world.calls).toEqual([0])
  })

  it('is decided by a read that began after it had arrived, whoever asked for it', async () => {
    const { world, delivery } = await arriving()
    await world.time.pass(1)
    await world.source.refresh()
    expect(await delivery.reread(seconds(world) - 1, {})).toMatchObject({ current: true })
    expect(world.calls).toEqual([0, 201])
  })

  it('is decided by that read also if the store may lag, if it was signed long enough before', async () => {
    const { world, delivery } = await arriving({ lag: 60 })
    const arrived = seconds(world)
    await world.time.pass(1)
    await world.source.refresh()
    for (const [age, current] of [
      [90, true],
      [89, false],
    ] as const)
      expect(await delivery.reread(arrived - age, {})).toMatchObject({ current })
  })
})

describe('a delivery that has waited for one read', () => {
  it('does not ask for another one, although it was signed before the first read', async () => {
    const { world, delivery } = await arriving({ warm: false }, 0)
    await delivery.read({})
    expect(await delivery.reread(seconds(world) - 3, {})).toMatchObject({ current: false })
    expect(world.calls).toEqual([0])
  })
})

describe('the error of a read that a mismatch caused', () => {
  it.each([
    ['is the cause, if no observer gets it', undefined, { reason: 'unauthorized' }],
    ['is no cause, if an observer gets it', () => {}, undefined],
  ])('%s', async (_, onError, cause) => {
    const { world, delivery } = await arriving({ onError })
    world.behaviour = answer(401)
    const keySet = await delivery.reread(seconds(world), {})
    expect(keySet.current).toBe(false)
    if (cause) expect(keySet.cause).toMatchObject(cause)
    else expect(keySet.cause).toBeUndefined()
  })
})

it('after a rotation, a mismatch gets the new key first, and then the old one', async () => {
  const { world, delivery } = await arriving()
  const { keys } = await delivery.read({})
  world.rotate()
  const { keys: next } = await delivery.reread(seconds(world), {})
  expect(next).toHaveLength(2)
  expect(next[1]).toBe(keys[0])
})

it('the source itself counts a delivery as arriving when it is asked', async () => {
  const { world } = await arriving()
  world.behaviour = slowly(world, 1)
  const verdict = Promise.resolve(world.source.reread(seconds(world), {}))
  await world.time.pass(1)
  expect(await verdict).toMatchObject({ current: true })
})

describe('a delivery that arrives while no secret is known', () => {
  it('is told why the last read failed', async () => {
    const { world, delivery } = await arriving({ warm: false }, 0)
    world.behaviour = answer(503)
    const read = Promise.resolve(delivery.read({})).catch((error: unknown) => error)
    await world.time.pass(10)
    const [failure] = world.errors
    expect(failure?.message).toContain('could not be fetched')
    expect(await read).toMatchObject({
      code: 'secret_unavailable',
      message: `no signing secret is known: ${failure?.message}`,
      cause: failure,
    })
  })
})
