import { expect, test } from '@jest/globals'
import type { IdempotencyStore } from 'countersign'
import { createLease, type Lease } from '../../../src/idempotency/lease.js'
import { manualTimers } from '../../support/manual-timers.js'

interface Bench {
  readonly lease: Lease
  readonly timers: ReturnType<typeof manualTimers>
  readonly calls: string[]
  readonly errors: unknown[]
  /** Outcome and status of each end that was reported. */
  readonly ends: unknown[]
  /** Work that the platform was asked to wait for. */
  readonly behind: Promise<unknown>[]
}

/** A lease over a store whose methods the test can replace. */
function bench(methods: Partial<IdempotencyStore> = {}, seconds = 60): Bench {
  const timers = manualTimers()
  const calls: string[] = []
  const errors: unknown[] = []
  const store: IdempotencyStore = {
    claim: () => ({ state: 'claimed' }),
    commit: () => true,
    release: () => {},
    ...methods,
  }
  const record = <A extends [string, { token: string }], R>(
    name: string,
    method: (...args: A) => R,
  ) => {
    return (...args: A): R => {
      calls.push(`${name} ${args[1].token}`)
      return method(...args)
    }
  }
  const settings = {
    store: {
      claim: record('claim', store.claim),
      commit: record('commit', store.commit),
      release: record('release', store.release),
    },
    lease: seconds,
    ttl: 1000,
    onError: (error: unknown) => void errors.push(error),
    ...timers.options,
  }
  const ends: unknown[] = []
  const onEnd = (...end: unknown[]): void => void ends.push(end)
  const behind: Promise<unknown>[] = []
  const waitUntil = (work: Promise<unknown>): void => void behind.push(work)
  const lease = createLease(settings, { key: 'key', token: 't1', onEnd, waitUntil })
  return { lease, timers, calls, errors, ends, behind }
}

async function running(methods?: Partial<IdempotencyStore>, seconds?: number): Promise<Bench> {
  const started = bench(methods, seconds)
  await started.lease.claim()
  started.lease.renew()
  return started
}

test('the claim is renewed every third of the lease, with its own token, until it is settled', async () => {
  const { lease, timers, calls, errors } = await running()
  for (const _ of [1, 2, 3]) {
    expect(timers.waiting).toEqual([expect.closeTo(20_000, -2)])
    await timers.run()
  }
  await lease.settle(200)
  expect(timers.waiting).toEqual([])
  expect(calls).toEqual([...Array(4).fill('claim t1'), 'commit t1'])
  expect(errors).toEqual([])
})

test('a lease of months does not overflow the timer', async () => {
  const { timers } = await running({}, 1e9)
  expect(timers.waiting[0]).toBeLessThan(2 ** 31)
})

test('a renewal that fails is reported and tried again', async () => {
  let isDown = false
  const down = new Error('down')
  const claim = async () => {
    if (isDown) throw down
    return { state: 'claimed' } as const
  }
  const { timers, errors, calls } = await running({ claim })
  isDown = true
  await timers.run()
  isDown = false
  await timers.run()
  expect(errors).toEqual([down])
  expect(calls).toHaveLength(3)
  expect(timers.waiting).toHaveLength(1)
})

test.each([
  ['in_progress', 1],
  ['done', 0],
] as const)(
  'a claim that turns out %s on renewal is renewed no more, and %i losses are reported: a transaction of the handler may have finished it',
  async (state, losses) => {
    let isTaken = false
    const claim = () => (isTaken ? { state, retryAfter: 1 } : ({ state: 'claimed' } as const))
    const { timers, errors, ends } = await running({ claim })
    isTaken = true
    await timers.run()
    expect(errors).toHaveLength(losses)
    expect(timers.waiting).toEqual([])
    // The handler is still at work. Its answer decides how the claim ends.
    expect(ends).toEqual([])
  },
)

test('a sender that hangs up: held without renewal, and settled when the handler ends', async () => {
  const { lease, timers, calls, ends } = await running()
  lease.settle.hungUp()
  expect(timers.waiting).toEqual([60_000])
  expect(calls).toEqual(['claim t1'])
  await lease.settle(204)
  expect(timers.waiting).toEqual([])
  expect(calls).toEqual(['claim t1', 'commit t1'])
  expect(ends).toEqual([['committed', 204]])
})

test('a sender that hangs up, and a handler that outlives the lease: the claim is lost when the lease runs out, and settled all the same if the handler ends', async () => {
  const { lease, timers, calls, ends } = await running()
  lease.settle.hungUp()
  await timers.run()
  expect(ends).toEqual([['lost', undefined]])
  expect(calls).toEqual(['claim t1'])
  await lease.settle(204)
  expect(calls).toEqual(['claim t1', 'commit t1'])
  expect(ends).toHaveLength(1)
})

test('a renewal under way when the sender hangs up is the last one', async () => {
  let answer: (() => void) | undefined
  const claim: IdempotencyStore['claim'] = () =>
    new Promise((resolve) => {
      answer = () => resolve({ state: 'claimed' })
    })
  const { lease, timers } = bench({ claim })
  lease.renew()
  await timers.run()
  lease.settle.hungUp()
  answer?.()
  await new Promise((resolve) => setImmediate(resolve))
  expect(timers.waiting).toEqual([60_000])
})

test('hanging up after the handler has ended changes nothing', async () => {
  const { lease, timers, ends } = await running()
  await lease.settle(204)
  lease.settle.hungUp()
  expect(timers.waiting).toEqual([])
  expect(ends).toEqual([['committed', 204]])
})

test('a commit that comes too late is reported and not tried again', async () => {
  const { lease, timers, errors, calls } = await running({ commit: () => false })
  await lease.settle(200)
  expect(errors).toEqual([new Error('the claim was lost, because its lease ran out: raise lease')])
  expect(timers.waiting).toEqual([])
  expect(calls.filter((call) => call.startsWith('commit'))).toHaveLength(1)
})

test('settling waits for a renewal under way, which must not take the key again afterwards', async () => {
  let answer: (() => void) | undefined
  const claim: IdempotencyStore['claim'] = () =>
    new Promise((resolve) => {
      answer = () => resolve({ state: 'claimed' })
    })
  const { lease, timers, calls } = bench({ claim })
  lease.renew()
  await timers.run()
  const settled = lease.settle(500)
  await new Promise((resolve) => setImmediate(resolve))
  expect(calls).toEqual(['claim t1'])
  answer?.()
  await settled
  expect(calls).toEqual(['claim t1', 'release t1'])
  expect(timers.waiting).toEqual([])
})

test.each([
  ['commit', 200],
  ['release', 500],
] as const)(
  'a %s that fails is reported and tried again, no longer than a lease',
  async (method, status) => {
    const down = new Error('down')
    const { lease, timers, errors } = await running({ [method]: () => Promise.reject(down) }, 10)
    await lease.settle(status)
    let waited = 0
    let tries = 1
    for (; timers.waiting.length > 0; tries++) {
      waited += timers.waiting[0] ?? 0
      await timers.run()
    }
    expect(errors).toEqual(Array(tries).fill(down))
    expect(tries).toBeGreaterThan(5)
    expect(waited).toBeLessThanOrEqual(10_000)
    expect(waited).toBeGreaterThan(5_000)
  },
)

test.each([
  [204, undefined, 'commit'],
  [500, 204, 'release'],
  [undefined, 204, 'release'],
])(
  'settled with %p and then with %p: the store hears only of the %s',
  async (first, then, call) => {
    const { lease, calls, ends } = await running()
    await Promise.all([lease.settle(first), lease.settle(then)])
    await lease.settle(then)
    expect(calls).toEqual(['claim t1', `${call} t1`])
    expect(ends).toHaveLength(1)
  },
)

test('a commit that fails once gets through the next time', async () => {
  let isDown = true
  const commit = async () => {
    if (!isDown) return true
    throw new Error('down')
  }
  const { lease, timers, calls } = await running({ commit })
  await lease.settle(200)
  isDown = false
  await timers.run()
  expect(timers.waiting).toEqual([])
  expect(calls).toEqual(['claim t1', 'commit t1', 'commit t1'])
})

test('settle never rejects, whatever store and observer do', async () => {
  const fail = () => {
    throw new Error('down')
  }
  const { lease } = await running({ commit: fail, release: fail })
  await expect(lease.settle(200)).resolves.toBeUndefined()
})

test('settling is tried once if the claim was never held', async () => {
  const fail = () => Promise.reject(new Error('down'))
  const { lease, timers, calls } = bench({ claim: fail, commit: fail })
  await lease.claim().catch(() => {})
  await lease.settle(200)
  expect(timers.waiting).toEqual([])
  expect(calls).toEqual(['claim t1', 'commit t1'])
})

test('the store gets the lease, the ttl and the digest, and no digest if there is none', async () => {
  for (const digest of [undefined, 'abc']) {
    const seen: unknown[] = []
    const see = (_key: string, claim: unknown): void => void seen.push(claim)
    const store: IdempotencyStore = {
      claim(key, claim) {
        see(key, claim)
        return { state: 'claimed' }
      },
      commit(key, claim) {
        see(key, claim)
        return true
      },
      release: see,
    }
    const settings = { store, lease: 60, ttl: 1000, onError() {}, ...manualTimers().options }
    const of = { key: 'key', token: 't1', digest, onEnd() {}, waitUntil() {} }
    const first = createLease(settings, of)
    await first.claim()
    await first.settle(200)
    await createLease(settings, of).settle()
    const more = digest ? { digest } : {}
    expect(seen).toStrictEqual([
      { token: 't1', ...more, lease: 60 },
      { token: 't1', ...more, ttl: 1000 },
      { token: 't1' },
    ])
  }
})

test.each([204, 500])(
  'the platform waits for every later try after the answer %p',
  async (status) => {
    let failures = 3
    const method = (): boolean => {
      if (failures-- > 0) throw new Error('down')
      return true
    }
    const { lease, timers, calls, behind } = await running({ commit: method, release: method })
    await lease.settle(status)
    expect(behind).toHaveLength(1)
    for (const _ of [1, 2, 3]) await timers.run()
    await Promise.all(behind)
    expect(behind).toHaveLength(3)
    expect(calls.slice(1)).toEqual(Array(4).fill(status === 204 ? 'commit t1' : 'release t1'))
  },
)

test('the platform need not wait for a claim that is settled at the first try', async () => {
  const { lease, behind } = await running()
  await lease.settle(204)
  expect(behind).toEqual([])
})
