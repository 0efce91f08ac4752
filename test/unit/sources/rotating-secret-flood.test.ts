// Minutes of forgeries, second by second: apart, because it takes longer than everything in rotating-secret.test.ts.
import { describe, expect, it } from '@jest/globals'
import {
  answer,
  createWorld,
  hang,
  hangForEver,
  knowing,
  type World,
} from '../../support/rotation-world.js'

describe('a flood of forgeries', () => {
  /** Nine forgeries a second. */
  async function flood(world: World, seconds: number): Promise<void> {
    const verdicts: Promise<string>[] = []
    for (let beat = 0; beat < seconds * 3; beat += 1) {
      verdicts.push(world.forge(), world.forge({ age: 200 }), world.forge({ age: -200 }))
      await world.time.pass(1 / 3)
    }
    await world.time.pass(5)
    expect(await Promise.all(verdicts)).not.toContain('accepted')
  }
  const callsAMinute = (world: World, from: number, to: number): number =>
    Math.max(
      ...world.calls
        .filter((at) => at >= from && at < to)
        .map((start) => world.calls.filter((at) => at >= start && at < start + 60).length),
    )

  it.each([
    ['answers', (world: World) => () => world.secret],
    ['is down', () => answer(500)],
    ['refuses the token', () => answer(401)],
    ['hangs', () => hangForEver],
  ])(
    'costs an account that %s at most two calls a minute after the first',
    async (_, behave) => {
      const world = await knowing({ random: () => 0 })
      world.behaviour = behave(world)
      await flood(world, 200)
      // One before the flood, seven in it, two retries of the first refresh.
      expect(world.calls.filter((at) => at < 62).length).toBeLessThanOrEqual(10)
      expect(callsAMinute(world, 62, 202)).toBeLessThanOrEqual(2)
      expect(callsAMinute(world, 62, 202)).toBeGreaterThan(0)
    },
    20_000,
  )

  it.each([Number.NaN, 'Wed, 21 Oct 2026 07:28:00 GMT'])(
    'costs no more if the fetch function asks to wait for %p',
    async (retryAfter) => {
      const world = await knowing({ random: () => 0 })
      world.behaviour = answer(429, retryAfter as number)
      await flood(world, 130)
      expect(callsAMinute(world, 62, 132)).toBeLessThanOrEqual(2)
    },
    20_000,
  )

  it('that meets a cold start in an outage costs no more when the outage ends', async () => {
    const world = createWorld({ warm: false, random: () => 0.5 })
    world.behaviour = hang
    await flood(world, 150)
    world.behaviour = () => world.secret
    await flood(world, 150)
    expect(callsAMinute(world, 80, 310)).toBeLessThanOrEqual(2)
  }, 20_000)

  it('hides no rotation for longer than a minute, and the pause is short again when the rotation is found', async () => {
    const world = await knowing()
    await flood(world, 200)
    world.rotate()
    await world.time.pass(60)
    expect(await world.deliver()).toBe('accepted')
    expect(world.source.status().nextAttemptIn).toBe(0)
    await world.forge()
    expect(world.source.status().nextAttemptIn).toBeCloseTo(1)
  }, 20_000)

  it('never holds up deliveries whose key is known', async () => {
    const world = await knowing()
    world.behaviour = hangForEver
    const forged = world.forge()
    expect(await world.deliver()).toBe('accepted')
    await world.time.pass(5)
    await forged
  })

  it('long ago does not slow down deliveries after a quiet time', async () => {
    const world = await knowing()
    await flood(world, 130)
    await world.time.pass(400)
    await world.forge()
    expect(world.source.status().nextAttemptIn).toBeCloseTo(1)
  }, 20_000)

  it('does not make the pause longer when the clock is set back', async () => {
    const world = await knowing()
    await flood(world, 130)
    world.time.setBack(3600)
    world.rotate()
    expect(await world.deliver()).toBe('accepted')
  }, 20_000)
})
