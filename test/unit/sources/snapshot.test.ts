import { describe, expect, it } from '@jest/globals'
import { createVerifier, keyIdOf, type RotatingSecretOptions, rotatingSecret } from 'countersign'
import { createSigner, generateSecret } from 'countersign/sign'
import { toRingKey } from '../../../src/sources/ring-key.js'
import {
  joinSnapshots,
  openSnapshot,
  parseSnapshot,
  serializeSnapshot,
  toStoredKeys,
} from '../../../src/sources/snapshot.js'
import {
  answer,
  type Behaviour,
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

/** The same snapshot as a process saves it whose clock is ahead by so many seconds. */
function ahead(text: string | undefined, seconds: number): string {
  const content = JSON.parse(text ?? '')
  return JSON.stringify({ ...content, readAt: content.readAt + seconds * 1000 })
}

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
  it('is saved after every read that the account answers, and restored only before the first', async () => {
    const shelf = createShelf()
    let loads = 0
    const load = (): unknown => {
      loads += 1
      return shelf.text
    }
    const world = createWorld(withShelf(Object.assign(shelf, { load })))
    await world.time.settle()
    expect(shelf.saves).toBe(1)
    // Restored once, and each save loads what it is joined with.
    expect(loads).toBe(2)
    await world.source.refresh()
    expect(shelf.saves).toBe(2)
    expect(loads).toBe(3)
    world.behaviour = answer(401)
    await expect(world.source.refresh()).rejects.toMatchObject({ reason: 'unauthorized' })
    await world.time.settle()
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

  it('of an older key gives way to the account, which is still asked', async () => {
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

  it('stays unchanged if forgetPrevious() comes before anything is known', async () => {
    const shelf = createShelf()
    const { after } = await restart(shelf)
    const { text } = shelf
    after.source.forgetPrevious()
    await after.time.settle()
    expect(shelf.text).toBe(text)
    expect(await after.deliver()).toBe('accepted')
  })

  it('that loads slowly leaves a mismatch for the account to decide', async () => {
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

  it('is there before a slow account up to the age of `maxAge`, and used up to `maxStale`, to the millisecond', async () => {
    for (const [age, expected] of [
      [600, 'accepted'],
      [600.001, 'secret_unavailable'],
    ] as const) {
      const { after } = await restart(createShelf(), undefined, { maxAge: 600, maxStale: 600 })
      await after.time.pass(age - 1)
      after.behaviour = hangForEver
      const verdict = after.deliver()
      if (expected !== 'accepted') await after.time.pass(5)
      expect(await verdict).toBe(expected)
      await after.time.pass(5)
    }
  })

  it('of a process whose clock is ahead counts as read now, not in the future', async () => {
    const shelf = createShelf()
    const { after } = await restart(shelf)
    const content = JSON.parse(shelf.text ?? '')
    shelf.text = JSON.stringify({ ...content, readAt: content.readAt + 60_000 })
    expect(await after.deliver()).toBe('accepted')
    expect(after.source.status().age).toBe(0)
    expect(await after.forge()).toBe('signature_undecided')
  })

  it.each(['another process whose clock is ahead', 'this process before its clock was set back'])(
    'of %s is replaced by the next save, also with the keys that were dropped since',
    async (whose) => {
      const shelf = createShelf()
      const world = createWorld(withShelf(shelf))
      await world.time.pass(1)
      if (whose.startsWith('this')) world.time.setBack(3600)
      else shelf.text = ahead(shelf.text, 3600)
      const leaked = await keyIdOf(world.secret)
      world.secret = generateSecret()
      await world.source.refresh()
      world.source.forgetPrevious()
      await world.time.pass(1)
      const { keys, forgotten, readAt } = JSON.parse(shelf.text ?? '')
      expect(keys).toMatchObject([{ keyId: await keyIdOf(world.secret), retiredAt: null }])
      expect(forgotten).toMatchObject([{ keyId: leaked }])
      expect(readAt).toBeLessThanOrEqual(world.time.now())
    },
  )

  it('is saved with the time of now if the clock was set back after the read', async () => {
    const shelf = createShelf()
    const world = createWorld(withShelf(shelf))
    await world.time.pass(1)
    world.time.setBack(3600)
    world.source.forgetPrevious()
    await world.time.pass(0)
    expect(JSON.parse(shelf.text ?? '').readAt).toBe(world.time.now())
  })

  it('has its forgotten keys dropped from a read that is under way', async () => {
    const shelf = createShelf()
    const world = createWorld({ ...withShelf(shelf), warm: false })
    const at = world.time.now() + 500
    const [old, next] = [world.secret, generateSecret()]
    const keys = [{ secret: next, keyId: await keyIdOf(next), retiredAt: null }]
    const forgotten = [{ keyId: await keyIdOf(old), at }]
    const text = JSON.stringify({ format: 2, version: 1, readAt: at, keys, forgotten })
    shelf.load = () => new Promise((resolve) => world.time.setTimeout(() => resolve(text), 1000))
    world.behaviour = slowly(world, 2)
    const verdict = world.deliver(old)
    await world.time.pass(2)
    expect(await verdict).toBe('signature_undecided')
    expect(await world.deliver(next)).toBe('accepted')
  })

  it('has its forgotten keys dropped although it is too old to be used', async () => {
    const shelf = createShelf()
    const { before, after } = await restart(shelf)
    const content = JSON.parse(shelf.text ?? '')
    const forgotten = [{ keyId: await keyIdOf(before.secret), at: after.time.now() }]
    shelf.text = JSON.stringify({ ...content, readAt: content.readAt - 86_400_000, forgotten })
    after.behaviour = slowly(after, 2)
    const verdict = after.deliver()
    await after.time.pass(5)
    expect(await verdict).toBe('secret_unavailable')
    expect(after.errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('older than maxStale'),
      expect.stringContaining('forgetPrevious() has dropped'),
    ])
  })

  it('whose store is down is reported with the code of the platform', async () => {
    const shelf = createShelf()
    const down = Object.assign(new Error('connect to wh_secret'), { code: 'ECONNREFUSED' })
    shelf.load = () => Promise.reject(down)
    const world = createWorld({ ...withShelf(shelf), warm: false })
    expect(await world.deliver()).toBe('accepted')
    expect(world.errors[0]?.message).toContain('(Error ECONNREFUSED)')
    expect(world.errors[0]?.message).not.toContain('wh_')
  })

  const good = { secret: generateSecret(), keyId: 'abc', retiredAt: null }
  const content = { format: 2, version: 7, readAt: 1_767_268_800_000, keys: [good], forgotten: [] }
  const damaged = (change: object): string => JSON.stringify({ ...content, ...change })
  it.each([
    ['no JSON', 'wh_secret'],
    ['other JSON', '42'],
    ['null', 'null'],
    ['another format', damaged({ format: 3 })],
    ['no version', damaged({ version: undefined })],
    ['a version that is no whole number', damaged({ version: 1.5 })],
    ['a version that no number can follow', damaged({ version: 2 ** 53 })],
    ['no keys', damaged({ keys: [] })],
    ['no list of keys', damaged({ keys: undefined })],
    ['old keys only', damaged({ keys: [{ ...good, retiredAt: 5 }] })],
    ['no time', damaged({ readAt: undefined })],
    ['a damaged key', damaged({ keys: [{ ...good, secret: 'wh_*' }] })],
    ['a key that is null', damaged({ keys: [null] })],
    [
      'a key of which it does not say whether it is old',
      damaged({ keys: [good, { ...good, retiredAt: undefined }] }),
    ],
    ['a key that is old since no time', damaged({ keys: [good, { ...good, retiredAt: 'soon' }] })],
    ['an empty key', damaged({ keys: [{ ...good, secret: 'wh_' }] })],
    ['no list of forgotten keys', damaged({ forgotten: undefined })],
    ['a forgotten key without a name', damaged({ forgotten: [{ at: 5 }] })],
    ['a forgotten key without a time', damaged({ forgotten: [{ keyId: 'abc' }] })],
    ['the future', damaged({ readAt: 9_767_268_800_000 })],
  ])('that holds %s is an error event and not fatal', async (_, text) => {
    const world = createWorld({ ...withShelf(createShelf(text)), warm: false })
    expect(await world.deliver()).toBe('accepted')
    const message = expect.stringMatching(/^the snapshot is .+; the next read replaces it$/)
    expect(world.errors).toMatchObject([{ reason: 'snapshot_invalid', message }])
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

  it('and an account that both hang keep no delivery waiting for longer than `timeout`', async () => {
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

  it('that is empty leaves a cold start to the account, even if that takes longer', async () => {
    const world = createWorld({ ...withShelf(createShelf()), warm: false })
    world.behaviour = slowly(world, 1)
    const verdict = world.deliver()
    await world.time.pass(1)
    expect(await verdict).toBe('accepted')
  })

  it('that loads slowly serves a cold start, although the account has failed before', async () => {
    const shelf = createShelf()
    const { after } = await restart(shelf)
    let arrive: (text: unknown) => void = () => {}
    shelf.load = () => new Promise((resolve) => (arrive = resolve))
    const verdict = after.deliver()
    await after.time.settle()
    expect(after.errors).toMatchObject([{ reason: 'unauthorized' }])
    arrive(shelf.text)
    expect(await verdict).toBe('accepted')
  })

  it('that is empty is not an error', async () => {
    const world = createWorld(withShelf(createShelf()))
    await world.time.settle()
    const cold = createWorld({ ...withShelf(createShelf()), warm: false })
    cold.source.forgetPrevious()
    await cold.time.settle()
    expect([...world.errors, ...cold.errors]).toEqual([])
  })
})

describe('the text of a snapshot', () => {
  it('holds every form of secret so that it comes back the same', async () => {
    const secrets = [
      generateSecret(),
      'whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
      { value: 'the characters themselves are the key', encoding: 'utf8' } as const,
      // For a sender that issues short ones: minSecretBytes.
      'wh_asdf1234',
    ]
    const keys = await Promise.all(secrets.map((secret) => toRingKey(secret, 6)))
    const entries = [...keys, ...keys.map((key) => ({ ...key, retiredAt: 4_000 }))]
    const forgotten = [{ keyId: 'abc', at: 3_000 }]
    const saved = { version: 3, readAt: 5_000, keys: toStoredKeys(entries), forgotten }
    const parsed = parseSnapshot(serializeSnapshot(saved))
    expect(parsed).toEqual(saved)
    const opened = await openSnapshot(parsed, 6_000, 10_000)
    const ids = keys.map(({ key }) => key.keyId)
    expect(opened.map(({ key }) => key.keyId)).toEqual([...ids, ...ids])
    expect(opened.map(({ retiredAt }) => retiredAt)).toEqual([
      ...ids.map(() => undefined),
      ...ids.map(() => 4_000),
    ])
  })

  it('from a clock that ran ahead counts as read now', async () => {
    const shelf = createShelf()
    const { after } = await restart(shelf, async (world) => {
      await world.time.pass(900)
      await world.source.refresh()
    })
    after.time.setBack(600)
    expect(await after.deliver()).toBe('accepted')
    expect(after.source.status().age).toBeLessThan(1)
  })
})

describe('several snapshots of one account', () => {
  const key = (keyId: string, retiredAt: number | null = null) => ({
    secret: `wh_${keyId}`,
    keyId,
    retiredAt,
  })
  const forgottenB = [{ keyId: 'b', at: 8_000 }]

  it('are joined to the keys of the newest read, the highest version and every forgotten key', () => {
    const older = { version: 9, readAt: 50_000, keys: [key('c')], forgotten: forgottenB }
    const newer = {
      version: 2,
      readAt: 90_000,
      keys: [key('a'), key('c', 60_000)],
      forgotten: [{ keyId: 'd', at: 9_000 }],
    }
    const joined = {
      ...newer,
      version: 9,
      forgotten: [...newer.forgotten, ...forgottenB],
    }
    expect(joinSnapshots([older, newer], 100_000)).toEqual(joined)
    expect(joinSnapshots([newer, older], 100_000)).toEqual(joined)
    expect(joinSnapshots([], 100_000)).toBeUndefined()
  })

  it('lose an old key that was forgotten, although they were read later', () => {
    const keys = [key('a'), key('b', 5_000), key('c', 5_000)]
    const joined = joinSnapshots(
      [
        { version: 1, readAt: 90_000, keys, forgotten: [] },
        { version: 1, readAt: 10_000, keys, forgotten: forgottenB },
      ],
      100_000,
    )
    expect(joined?.keys).toEqual([key('a'), key('c', 5_000)])
  })

  it('are joined to an older read if every key of the newest was forgotten after it', () => {
    const forgotten = [{ keyId: 'a', at: 95_000 }]
    const older = { version: 1, readAt: 10_000, keys: [key('c')], forgotten }
    const newer = { version: 2, readAt: 90_000, keys: [key('a'), key('c', 5_000)], forgotten: [] }
    expect(joinSnapshots([older, newer], 100_000)).toEqual({ ...older, version: 2 })
    expect(joinSnapshots([newer, { ...newer, forgotten }], 100_000)).toBeUndefined()
  })
})

/** Several processes of one account in one time, each with a snapshot object of its own over the same store. */
function processes(
  count: number,
  options: { delays?: readonly number[]; compares?: boolean; overlap?: number } = {},
) {
  const { delays = [], compares = true, overlap = 300 } = options
  const first = createWorld({ warm: false })
  const stored = { text: undefined as string | undefined, version: 0 }
  const waits = [...delays]
  const pause = (): Promise<void> | undefined => {
    const seconds = waits.shift()
    return seconds
      ? new Promise((resolve) => first.time.setTimeout(() => resolve(), seconds * 1000))
      : undefined
  }
  const place = () => ({
    load: () => stored.text,
    async save(text: string, { version }: { version: number }) {
      await pause()
      if (compares && version <= stored.version) return false
      Object.assign(stored, { text, version })
      return true
    },
  })
  const start = (more: Partial<RotatingSecretOptions> = {}) => {
    const calls: { behaviour: Behaviour } = { behaviour: () => first.secret }
    const source = rotatingSecret({
      fetch: ({ signal }) => calls.behaviour(signal) as string,
      snapshot: place(),
      overlap,
      warm: false,
      now: first.time.now,
      setTimeout: first.time.setTimeout,
      clearTimeout: first.time.clearTimeout,
      random: () => 0.5,
      ...more,
    })
    const verify = createVerifier({ secret: source, now: first.time.now, warn: false })
    const accepts = async (secret: string): Promise<boolean> => {
      const timestamp = Math.floor(first.time.now() / 1000)
      const verdict = verify.check('{}', await createSigner({ secret })('{}', { timestamp }))
      await first.time.pass(6)
      return (await verdict).ok
    }
    return { source, calls, accepts }
  }
  const down = (): never => {
    throw new Error('down')
  }
  return {
    world: first,
    stored,
    place,
    start,
    down,
    running: Array.from({ length: count }, () => start()),
  }
}

describe('a snapshot that several share', () => {
  it('keeps what was saved last, whichever save of a process ends first', async () => {
    const { world, start, down, running } = processes(1, { delays: [0, 2], compares: false })
    const [{ source } = start()] = running
    const leaked = world.secret
    await source.refresh()
    world.rotate()
    const refreshed = source.refresh()
    await world.time.settle()
    source.forgetPrevious()
    await world.time.pass(4)
    await refreshed
    const cold = start()
    cold.calls.behaviour = down
    expect([await cold.accepts(leaked), await cold.accepts(world.secret)]).toEqual([false, true])
  })

  it('is not replaced by a read that was under way when another process forgot the key', async () => {
    const { world, start, down, running } = processes(2)
    const [a = start(), b = start()] = running
    const leaked = world.secret
    await a.source.refresh()
    b.calls.behaviour = slowly(world, 3)
    const late = b.source.refresh()
    await world.time.pass(1)
    world.rotate()
    await a.source.refresh()
    a.source.forgetPrevious()
    await world.time.pass(3)
    await late
    const cold = start()
    cold.calls.behaviour = down
    expect([await cold.accepts(leaked), await cold.accepts(world.secret)]).toEqual([false, true])
    b.calls.behaviour = () => world.secret
    expect([await b.accepts(leaked), await b.accepts(world.secret)]).toEqual([false, true])
  })

  it('takes a forgotten key from every process when it saves next', async () => {
    const { world, start, running } = processes(2)
    const [a = start(), b = start()] = running
    const leaked = world.secret
    for (const { source } of running) await source.refresh()
    world.rotate()
    for (const { source } of running) await source.refresh()
    a.source.forgetPrevious()
    await world.time.pass(1)
    expect(await b.accepts(leaked)).toBe(true)
    await b.source.refresh()
    expect(await b.accepts(leaked)).toBe(false)
  })

  it('is the same one for all processes that save at the same moment', async () => {
    const { world, stored, running } = processes(10)
    await Promise.all(running.map(({ source }) => source.refresh()))
    const leaked = world.secret
    world.rotate()
    await Promise.all(running.map(({ source }) => source.refresh()))
    for (const { source } of running) source.forgetPrevious()
    await world.time.pass(1)
    const { forgotten, keys } = parseSnapshot(stored.text ?? '')
    const [{ keyId } = { keyId: '' }] = toStoredKeys([await toRingKey(leaked, 24)])
    expect(forgotten.map((key) => key.keyId)).toEqual([keyId])
    expect(keys).toHaveLength(1)
    expect(stored.version).toBeGreaterThan(10)
  })

  it('that is older than `maxAge` gives way to an account that answers, and serves if it does not', async () => {
    const { world, stored, start, down, running } = processes(1)
    const leaked = world.secret
    await running[0]?.source.refresh()
    const old = { ...stored }
    world.rotate()
    await running[0]?.source.refresh()
    running[0]?.source.forgetPrevious()
    await world.time.pass(700)
    Object.assign(stored, old)
    const well = start()
    well.calls.behaviour = slowly(world, 0.05)
    expect(await well.accepts(leaked)).toBe(false)
    expect(await well.accepts(world.secret)).toBe(true)
    Object.assign(stored, old)
    const cold = start()
    cold.calls.behaviour = down
    expect(await cold.accepts(leaked)).toBe(true)
    // Nobody knows when the account changed its key, so the old one has no overlap.
    cold.calls.behaviour = () => world.secret
    await cold.source.refresh()
    expect(await cold.accepts(leaked)).toBe(false)
  })

  it('that is put back does not bring a forgotten key back while a process that knows still runs', async () => {
    const { world, stored, start, down, running } = processes(1)
    const [a = start()] = running
    const leaked = world.secret
    await a.source.refresh()
    const old = { ...stored }
    world.rotate()
    await a.source.refresh()
    await world.time.pass(400)
    a.source.forgetPrevious()
    await world.time.pass(1)
    Object.assign(stored, old, { version: 0 })
    await a.source.refresh()
    const cold = start()
    cold.calls.behaviour = down
    expect([await cold.accepts(leaked), await cold.accepts(world.secret)]).toEqual([false, true])
  })

  it('that cannot be read is replaced, whatever its version', async () => {
    const { world, stored, running } = processes(1)
    Object.assign(stored, { text: 'sealed with another key', version: 57 })
    await running[0]?.source.refresh()
    expect(parseSnapshot(stored.text ?? '').keys).toMatchObject([{ retiredAt: null }])
    expect(stored.version).toBeGreaterThan(57)
    await world.time.pass(1)
  })

  it('that was saved too late by a store without versions is saved again', async () => {
    const { world, stored, start, running } = processes(1, { delays: [0, 8], compares: false })
    const [{ source } = start()] = running
    await source.refresh()
    world.rotate()
    const refreshed = source.refresh()
    await world.time.pass(6)
    await refreshed
    source.forgetPrevious()
    await world.time.pass(10)
    expect(parseSnapshot(stored.text ?? '').forgotten).toHaveLength(1)
  })

  it('is also shared by two sources with one snapshot object, even over a store that never loads', async () => {
    const kept = createShelf()
    const shelf = { save: kept.save, load: () => undefined }
    const { world, start, down } = processes(0)
    const [a, b] = [start(withShelf(shelf)), start(withShelf(shelf))]
    const leaked = world.secret
    await a.source.refresh()
    b.calls.behaviour = slowly(world, 3)
    const late = b.source.refresh()
    await world.time.pass(1)
    world.rotate()
    await a.source.refresh()
    a.source.forgetPrevious()
    await world.time.pass(3)
    await late
    const cold = start(withShelf({ ...shelf, load: kept.load }))
    cold.calls.behaviour = down
    expect([await cold.accepts(leaked), await cold.accepts(world.secret)]).toEqual([false, true])
  })
})
