import { describe, expect, it } from '@jest/globals'
import type { RotatingSecretOptions } from 'countersign'
import { generateSecret } from 'countersign/sign'
import { parseSnapshot, serializeSnapshot, toRingKey } from '../../../src/sources/snapshot.js'
import {
  answer,
  createWorld,
  hangForEver,
  slowly,
  type World,
} from '../../support/rotation-world.js'

/** A snapshot store that is a variable. */
function createShelf(text?: string) {
  const shelf = {
    text,
    saves: 0,
    load: (): unknown => shelf.text,
    save: (next: string): unknown => {
      shelf.saves += 1
      shelf.text = next
      return undefined
    },
  }
  return shelf
}

const withShelf = (shelf: object): Partial<RotatingSecretOptions> =>
  ({ snapshot: shelf }) as Partial<RotatingSecretOptions>

/** What a first process leaves on the shelf, and a second world in which the same account is down. */
async function restart(
  shelf: ReturnType<typeof createShelf>,
  live: (world: World) => unknown = () => {},
  options: Partial<RotatingSecretOptions> = {},
): Promise<{ before: World; after: World }> {
  const before = createWorld(withShelf(shelf))
  await before.time.pass(1)
  await live(before)
  const after = createWorld({ ...withShelf(shelf), warm: false, ...options })
  await after.time.pass((before.time.now() - after.time.now()) / 1000)
  after.secret = before.secret
  after.behaviour = answer(401)
  return { before, after }
}

describe('a snapshot', () => {
  it('is saved after every read of the account, and loaded only before the first', async () => {
    const shelf = createShelf()
    const world = createWorld(withShelf(shelf))
    await world.time.settle()
    expect(shelf.saves).toBe(1)
    await world.source.refresh()
    expect(shelf.saves).toBe(2)
  })

  it('serves a cold start while the account is down', async () => {
    const shelf = createShelf()
    const { after } = await restart(shelf)
    expect(await after.deliver()).toBe('accepted')
    expect(await after.forge()).toBe('signature_undecided')
    expect(after.errors[0]).toMatchObject({ reason: 'unauthorized' })
  })

  it('is there before a slow account', async () => {
    const shelf = createShelf()
    const { after } = await restart(shelf)
    after.behaviour = hangForEver
    expect(await after.deliver()).toBe('accepted')
    await after.time.pass(5)
  })

  it('of an older key gives way to the account, which is asked all the same', async () => {
    const shelf = createShelf()
    const { before, after } = await restart(shelf)
    after.rotate()
    after.behaviour = slowly(after, 1)
    const verdict = after.deliver()
    await after.time.pass(1)
    expect(await verdict).toBe('accepted')
    expect(await after.deliver(before.secret)).toBe('accepted')
    expect(after.rotations).toHaveLength(1)
  })

  it('keeps the old keys and their times', async () => {
    const shelf = createShelf()
    let old = ''
    const { after } = await restart(shelf, async (world) => {
      old = world.secret
      world.rotate()
      await world.source.refresh()
      await world.time.pass(100)
    })
    expect(await after.deliver(old)).toBe('accepted')
    expect(after.source.status().previous).toMatchObject([{ expiresIn: 200 }])
    await after.time.pass(200)
    expect(await after.deliver(old)).toBe('signature_undecided')
  })

  it('keeps no old key for longer than the overlap of today', async () => {
    const shelf = createShelf()
    let old = ''
    const { after } = await restart(
      shelf,
      async (world) => {
        old = world.secret
        world.rotate()
        await world.source.refresh()
      },
      { overlap: 0 },
    )
    expect(await after.deliver(old)).toBe('signature_undecided')
    expect(await after.deliver()).toBe('accepted')
  })

  it('does not bring back a key that was forgotten', async () => {
    const shelf = createShelf()
    let old = ''
    const { after } = await restart(shelf, async (world) => {
      old = world.secret
      world.rotate()
      await world.source.refresh()
      world.source.forgetPrevious()
      await world.time.settle()
    })
    expect(await after.deliver(old)).toBe('signature_undecided')
    expect(await after.deliver()).toBe('accepted')
  })

  it('stays as it is where forgetPrevious() comes before anything is known', async () => {
    const shelf = createShelf()
    const { after } = await restart(shelf)
    const { text } = shelf
    after.source.forgetPrevious()
    expect(shelf.text).toBe(text)
    expect(await after.deliver()).toBe('accepted')
  })

  it('that comes slowly leaves a mismatch for the account to decide as well', async () => {
    const shelf = createShelf()
    const { after } = await restart(shelf)
    after.rotate()
    after.behaviour = slowly(after, 2)
    const { load } = shelf
    shelf.load = () => new Promise((resolve) => after.time.setTimeout(() => resolve(load()), 1000))
    const verdict = after.deliver()
    await after.time.pass(2)
    expect(await verdict).toBe('accepted')
    expect(after.calls).toHaveLength(1)
  })

  it('is used up to `maxStale` and not past it', async () => {
    const shelf = createShelf()
    const { after } = await restart(shelf)
    await after.time.pass(86_398)
    expect(await after.deliver()).toBe('accepted')
    await after.time.pass(3)
    expect(await after.deliver()).toBe('secret_unavailable')
    const { after: later } = await restart(createShelf(shelf.text))
    await later.time.pass(90_000)
    expect(await later.deliver()).toBe('secret_unavailable')
    expect(later.errors.map(({ reason }) => reason)).toContain('snapshot_invalid')
  })

  it.each([
    ['no JSON', 'wh_secret'],
    ['other JSON', '42'],
    ['null', 'null'],
    ['another version', '{"version":2,"readAt":1767268800000,"keys":[]}'],
    ['no keys', '{"version":1,"readAt":1767268800000,"keys":[]}'],
    ['no time', '{"version":1,"keys":[{"secret":"wh_AAAA","until":null}]}'],
    ['a damaged key', '{"version":1,"readAt":1767268800000,"keys":[{"secret":"wh_*"}]}'],
    ['a key that is null', '{"version":1,"readAt":1767268800000,"keys":[null]}'],
    [
      'a key of which it does not say until when',
      `{"version":1,"readAt":1767268800000,"keys":[{"secret":"${generateSecret()}"}]}`,
    ],
    [
      'a key until a time that is none',
      `{"version":1,"readAt":1767268800000,"keys":[{"secret":"${generateSecret()}","until":"soon"}]}`,
    ],
    ['an empty key', '{"version":1,"readAt":1767268800000,"keys":[{"secret":"wh_","until":null}]}'],
    [
      'the future',
      '{"version":1,"readAt":9767268800000,"keys":[{"secret":"wh_AAAA","until":null}]}',
    ],
  ])('that holds %s is an error event and not fatal', async (_, text) => {
    const world = createWorld({ ...withShelf(createShelf(text)), warm: false })
    expect(await world.deliver()).toBe('accepted')
    expect(world.errors).toMatchObject([{ reason: 'snapshot_invalid' }])
    expect(String(world.errors[0]) + String(world.errors[0]?.cause)).not.toContain('wh_')
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('down')
      },
      'snapshot_failed',
    ],
    ['rejects', () => Promise.reject(new Error('down')), 'snapshot_failed'],
    ['hangs', hangForEver, 'timeout'],
  ] as const)('that %s when loaded is an error event and not fatal', async (_, load, reason) => {
    const world = createWorld({ ...withShelf({ ...createShelf(), load }), warm: false })
    expect(await world.deliver()).toBe('accepted')
    await world.time.pass(5)
    expect(world.errors).toMatchObject([{ reason }])
    expect(world.time.timers).toBe(0)
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('down')
      },
      'snapshot_failed',
    ],
    ['rejects', () => Promise.reject(new Error('down')), 'snapshot_failed'],
    ['hangs', hangForEver, 'timeout'],
  ] as const)('that %s when saved is an error event and not fatal', async (_, save, reason) => {
    const world = createWorld({ ...withShelf({ ...createShelf(), save }), warm: false })
    const refreshed = world.source.refresh()
    await world.time.pass(5)
    await refreshed
    expect(world.errors).toMatchObject([{ reason }])
    expect(await world.deliver()).toBe('accepted')
    expect(world.time.timers).toBe(0)
  })

  it('and an account that both hang keep nobody waiting for longer than `timeout`', async () => {
    const world = createWorld({
      ...withShelf({ ...createShelf(), load: hangForEver }),
      warm: false,
    })
    world.behaviour = hangForEver
    const verdict = world.deliver()
    await world.time.pass(5)
    expect(await verdict).toBe('secret_unavailable')
    expect(world.time.timers).toBe(0)
  })

  it('that is empty is no error', async () => {
    const world = createWorld(withShelf(createShelf()))
    await world.time.settle()
    expect(world.errors).toEqual([])
  })
})

describe('the text of a snapshot', () => {
  it('holds every form of secret so that it comes back the same', async () => {
    const secrets = [
      generateSecret(),
      'whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
      { value: 'the characters themselves are the key', encoding: 'utf8' } as const,
    ]
    const keys = await Promise.all(secrets.map((secret) => toRingKey(secret, 24)))
    const text = serializeSnapshot(
      [...keys, ...keys.map((key) => ({ ...key, until: 9_000 }))],
      5_000,
    )
    const parsed = await parseSnapshot(text, 6_000, 10_000)
    expect(parsed.readAt).toBe(5_000)
    const ids = keys.map(({ key }) => key.keyId)
    expect(parsed.keys.map(({ key }) => key.keyId)).toEqual([...ids, ...ids])
    expect(parsed.keys.map(({ until }) => until)).toEqual([
      ...ids.map(() => Infinity),
      ...ids.map(() => 9_000),
    ])
  })

  it('from a clock that ran ahead counts as read now', async () => {
    const text = serializeSnapshot([await toRingKey(generateSecret(), 24)], 9_000)
    expect((await parseSnapshot(text, 5_000, 10_000)).readAt).toBe(5_000)
  })
})
