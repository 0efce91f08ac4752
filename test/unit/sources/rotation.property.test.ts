// Random schedules of deliveries, rotations, outages, slow answers, forgeries, restarts and clock skew, against a small model of the truth.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { keyIdOf, type RotatingSecret, type RotatingSecretOptions } from 'countersign'
import { createSigner, generateSecret } from 'countersign/sign'
import fc from 'fast-check'
import { createVirtualTime } from '../../support/virtual-time.js'

// The same schedules every time; RUNS=50000 SEED=… looks further.
const RUNS = Number(process.env.RUNS ?? 200)
const SEED = Number(process.env.SEED ?? 20260101)
const TIMEOUT = 5
const secrets = Array.from({ length: 64 }, () => generateSecret())
const signers = secrets.map((secret) => createSigner({ secret }))
const keyIds = Promise.all(secrets.map((secret) => keyIdOf(secret)))
const forger = createSigner({ secret: generateSecret() })

type Answering = 'well' | '500' | '401' | '429' | 'garbage' | 'short' | 'never' | 'deaf'

type Step =
  | { do: 'pass'; seconds: number }
  | { do: 'rotate' }
  | { do: 'rotate here'; takes: number }
  | { do: 'deliver'; after: number; skew: number; burst: number }
  | { do: 'forge'; age: number; burst: number }
  | { do: 'account'; answers: Answering; asks: number; tells: number }
  | { do: 'flood'; seconds: number }
  | { do: 'refresh' }
  | { do: 'forget' }
  | { do: 'restart' }
  | { do: 'another' }
  | { do: 'restart during an outage' }

const weights = (step: Step, weight: number) => ({ arbitrary: fc.constant(step), weight })
const seconds = (...values: number[]) => fc.constantFrom(...values)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      seconds: seconds(0, 0.001, 0.3, 0.7, 1, 2, 5, 11, 31, 61, 290, 301, 601, 4000, 86_400),
    }),
    weight: 6,
  },
  weights({ do: 'rotate' }, 4),
  {
    arbitrary: fc.record({ do: fc.constant('rotate here' as const), takes: seconds(0, 0.5, 3) }),
    weight: 1,
  },
  {
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      after: seconds(0, 0, 0.001, 0.5, 3, 100, 250),
      skew: seconds(0, 0, -0.4, -1, -15, -30, 0.4, 30),
      burst: fc.constantFrom(1, 1, 3),
    }),
    weight: 8,
  },
  {
    arbitrary: fc.record({
      do: fc.constant('forge' as const),
      age: seconds(0, 0, 1, 40, 290, -290),
      burst: fc.constantFrom(1, 1, 10),
    }),
    weight: 4,
  },
  {
    arbitrary: fc.record({
      do: fc.constant('account' as const),
      answers: fc.constantFrom<Answering[]>(
        'well',
        'well',
        'well',
        '500',
        '401',
        '429',
        'garbage',
        'short',
        'never',
        'deaf',
      ),
      asks: seconds(0, 0, 0.2, 2),
      tells: seconds(0, 0, 0.2, 2, 6),
    }),
    weight: 4,
  },
  {
    arbitrary: fc.record({ do: fc.constant('flood' as const), seconds: seconds(20, 150) }),
    weight: 1,
  },
  weights({ do: 'refresh' }, 1),
  weights({ do: 'forget' }, 1),
  weights({ do: 'restart' }, 1),
  weights({ do: 'another' }, 2),
  weights({ do: 'restart during an outage' }, 1),
)
const setup = fc.record({
  overlap: fc.constantFrom(0, 10, 300),
  maxAge: fc.constantFrom(30, 600),
  warm: fc.boolean(),
  snapshot: fc.boolean(),
  /** Seconds that each save takes; the store replaces only by a newer one. */
  saves: fc.array(fc.constantFrom(0, 0, 0.3, 2, 4), { maxLength: 5 }),
  // Never on a whole second: what happens in one instant has no order.
  start: fc.constantFrom(0.5, 1.5, 400.5, 998.5),
})
type Setup = typeof setup extends fc.Arbitrary<infer S> ? S : never

/** The truth: which key the account had at which time. It knows nothing of how a source works. */
function createTruth() {
  let current = 0
  return {
    get current() {
      return current
    },
    rotate: () => (current = (current + 1) % secrets.length),
  }
}

/**
 * A minute after trouble began there are at most two calls a minute, and those that are due anyway.
 * Trouble begins again when a rotation is found, when somebody asks for a call, at a restart, at the first refusal after a lull, or at the first call after five quiet minutes.
 */
function assertCallsBound(
  calls: readonly number[],
  resets: readonly number[],
  routine: number,
): void {
  const quiet = calls.filter((at, index) => at - (calls[index - 1] ?? -Infinity) > 300)
  const beginnings = [...quiet, ...resets]
  for (const start of calls) {
    // A call that somebody asked for takes up to a time-out and its retries.
    if (beginnings.some((at) => at > start - 60 - 3 * TIMEOUT && at < start + 60)) continue
    const inMinute = calls.filter((at) => at >= start && at < start + 60)
    expect(inMinute.length).toBeLessThanOrEqual(2 + routine)
  }
}

async function play(
  { rotatingSource, createVerifier }: Modules,
  { overlap, maxAge, warm, snapshot, saves, start }: Setup,
  steps: readonly Step[],
): Promise<void> {
  const time = createVirtualTime(Date.UTC(2026, 0, 1) + start)
  const ids = await keyIds
  const secretsOf = (previous: readonly { readonly keyId: string }[]): string[] =>
    previous
      .map(({ keyId }) => secrets[ids.indexOf(keyId)] ?? '')
      .filter((secret) => secret !== secrets[truth.current])
  const began = time.now()
  const truth = createTruth()
  const shelf = { text: '', version: 0 }
  let saved = 0
  /** Secrets that some process has forgotten since the account had them. */
  const forgotten = new Set<string>()
  const account = { answers: 'well' as Answering, asks: 0, tells: 0 }
  /** When the account was called, and when something happened that starts a new pause (in seconds). */
  const calls: number[] = []
  const resets: number[] = []
  const clock = () => (time.now() - began) / 1000
  const pending: Promise<void>[] = []
  let waiting = 0
  let trouble = -Infinity

  const sleep = (length: number): Promise<void> =>
    length > 0
      ? new Promise((resolve) => time.setTimeout(resolve, length * 1000))
      : Promise.resolve()

  async function fetch({ signal }: { signal: AbortSignal }): Promise<string> {
    calls.push(clock())
    const { answers, asks, tells } = account
    if (answers === 'deaf') return new Promise(() => {})
    if (answers === 'never')
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason)),
      )
    await sleep(asks)
    const secret = secrets[truth.current] ?? ''
    await sleep(tells)
    if (answers === 'well') return secret
    if (answers === 'garbage') return '<html>'
    if (answers === 'short') return 'wh_asdf1234'
    throw Object.assign(new Error(answers), {
      status: Number(answers),
      retryAfter: answers === '429' ? 7 : undefined,
    })
  }

  function create() {
    const options: RotatingSecretOptions = {
      fetch,
      overlap,
      maxAge,
      warm,
      now: time.now,
      setTimeout: time.setTimeout,
      clearTimeout: time.clearTimeout,
      random: () => 0.5,
      onRotate: () => resets.push(clock()),
      snapshot: snapshot
        ? {
            load: () => shelf.text,
            async save(text, { version }) {
              await sleep(saves[saved++ % saves.length] ?? 0)
              if (version <= shelf.version) return false
              Object.assign(shelf, { text, version })
              return true
            },
          }
        : undefined,
    }
    const { source, learn } = rotatingSource(options)
    return { source, learn, verify: createVerifier({ secret: source, now: time.now, warn: false }) }
  }
  const others: ReturnType<typeof create>[] = []
  let receiver = create()

  /** The verdict on one delivery; nobody waits for it longer than the time-out. */
  async function arrive(headers: Record<string, string>): Promise<string> {
    const arrived = time.now()
    waiting += 1
    const came = clock()
    const verdict = await receiver.verify.check('{}', headers)
    if (!verdict.ok && came - trouble > 10) resets.push(came)
    if (!verdict.ok) trouble = Math.max(trouble, came)
    waiting -= 1
    expect(time.now() - arrived).toBeLessThanOrEqual((TIMEOUT + 0.1) * 1000)
    return verdict.ok ? 'accepted' : verdict.error.code
  }

  async function deliver(after: number, skew: number): Promise<string> {
    const timestamp = Math.floor(time.now() / 1000 + skew)
    const headers = await signers[truth.current]?.('{}', { timestamp })
    // A clock that is ahead affects only what comes before the time it shows.
    await sleep(skew > 0 ? Math.min(after, skew - 1) : after)
    return arrive(headers ?? {})
  }

  async function forge(age: number): Promise<void> {
    const timestamp = Math.floor(time.now() / 1000 - age)
    expect(await arrive(await forger('{}', { timestamp }))).not.toBe('accepted')
  }

  const actions: { [S in Step as S['do']]: (step: S) => unknown } = {
    pass: ({ seconds }) => time.pass(seconds),
    rotate: () => truth.rotate(),
    'rotate here': ({ takes }) => {
      resets.push(clock() + 2 * takes)
      pending.push(
        receiver
          .learn(async () => {
            await sleep(takes)
            const secret = secrets[truth.rotate()] ?? ''
            await sleep(takes)
            return secret
          })
          .catch(() => {}),
      )
    },
    deliver: async ({ after, skew, burst }) => {
      for (let copy = 0; copy < burst; copy += 1) {
        pending.push(
          deliver(after, skew).then((verdict) =>
            expect(['accepted', 'signature_undecided', 'secret_unavailable']).toContain(verdict),
          ),
        )
      }
      await time.settle()
    },
    forge: async ({ age, burst }) => {
      for (let copy = 0; copy < burst; copy += 1) pending.push(forge(age))
      await time.settle()
    },
    flood: async ({ seconds }) => {
      for (let second = 0; second < seconds; second += 2) {
        pending.push(forge(0))
        await time.pass(2)
      }
    },
    account: ({ answers, asks, tells }) => Object.assign(account, { answers, asks, tells }),
    refresh: () => {
      resets.push(clock())
      pending.push(receiver.source.refresh().catch(() => {}))
    },
    forget: async () => {
      // The keys that the process has seen become old, without those that the account has now.
      for (const secret of secretsOf(receiver.source.status().previous)) forgotten.add(secret)
      receiver.source.forgetPrevious()
      await time.settle()
    },
    restart: () => {
      resets.push(clock())
      receiver.source.close()
      receiver = create()
    },
    // Another process of the same account takes over; the one before goes on with what it has begun.
    another: () => {
      resets.push(clock())
      others.push(receiver)
      receiver = create()
    },
    // A process that knows nothing but the snapshot, when all saves are done, never accepts what was forgotten.
    'restart during an outage': async () => {
      if (!snapshot) return
      await time.pass(5 * TIMEOUT)
      const before = { ...account }
      Object.assign(account, { answers: '401', asks: 0, tells: 0 })
      resets.push(clock())
      const cold = create()
      for (const secret of forgotten) {
        const headers = await createSigner({ secret })('{}', {
          timestamp: Math.floor(time.now() / 1000),
        })
        expect(await cold.verify.check('{}', headers)).toMatchObject({ ok: false })
      }
      cold.source.close()
      Object.assign(account, before)
      trouble = clock()
    },
  }

  for (const one of steps) {
    await (actions[one.do] as (step: Step) => unknown)(one)
    await time.settle()
  }

  // An account that answers again is heard again, and then nothing authentic is refused in any way.
  Object.assign(account, { answers: 'well', asks: 0, tells: 0 })
  await time.pass(700)
  expect(await deliver(0, 0)).toBe('accepted')
  await Promise.all(pending)
  expect(waiting).toBe(0)

  await time.pass(overlap)
  expect(receiver.source.status().previous).toEqual([])
  if (shares) assertCallsBound(calls, resets, 60 / maxAge)
  for (const { source } of [receiver, ...others]) source.close()
  await time.pass(5)
  expect(time.timers).toBe(0)
}

interface Modules {
  createVerifier: typeof import('countersign').createVerifier
  rotatingSource: (options: RotatingSecretOptions) => {
    source: RotatingSecret
    learn: (tell: () => Promise<string>) => Promise<void>
  }
}

let shares = true
async function load(runtime: 'default' | 'workerd'): Promise<Modules> {
  shares = runtime === 'default'
  jest.resetModules()
  jest.doMock('#runtime', () => jest.requireActual(`../../../src/sources/runtime.${runtime}.js`))
  const { createVerifier } = await import('countersign')
  const { resolveRotatingOptions } = await import('../../../src/sources/rotating-options.js')
  const { createRotatingSource } = await import('../../../src/sources/rotating-secret.js')
  const rotatingSource: Modules['rotatingSource'] = (options) =>
    createRotatingSource(resolveRotatingOptions(options))
  return { createVerifier, rotatingSource }
}

const unhandled: unknown[] = []
const noticed = (error: unknown): unknown => unhandled.push(error)
beforeAll(() => void process.on('unhandledRejection', noticed))
afterAll(() => {
  process.removeListener('unhandledRejection', noticed)
  expect(unhandled).toEqual([])
})

describe.each(['default', 'workerd'] as const)('on the %s runtime', (runtime) => {
  it('no schedule has an authentic delivery refused for good, or a forged one accepted', async () => {
    const modules = await load(runtime)
    await fc.assert(
      fc.asyncProperty(setup, fc.array(step, { maxLength: 30, size: 'max' }), (options, steps) =>
        play(modules, options, steps),
      ),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    )
  }, 86_400_000)
})
