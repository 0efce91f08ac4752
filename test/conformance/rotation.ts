import type { RotatingSecretOptions, Secret } from '../../src/index.js'
import { type Case, equal, isTrue } from './check.js'
import type { Library, ReachableAccount } from './library.js'

const BODY = '{"a":1}'
const START = 1_700_000_000_000

/** One process with its source, its clock and an account that can rotate and fail. */
interface World {
  /** Seconds. */
  advance(seconds: number): void
  /** The answer to a delivery signed by this secret, so many seconds ago. */
  answer(secret: Secret, age?: number): Promise<string>
  /** What the account answers: a secret, or an error. */
  account: { secret: string; error?: unknown; calls: number }
  readonly source: ReturnType<Library['rotatingSecret']>
}

type Scenario = (world: World, library: Library) => Promise<void>

function createWorld(library: Library, options: Partial<RotatingSecretOptions>): World {
  let now = START
  const account: World['account'] = { secret: library.generateSecret(), calls: 0 }
  const source = library.rotatingSecret({
    fetch() {
      account.calls++
      if (account.error) throw account.error
      return account.secret
    },
    now: () => now,
    random: () => 0.5,
    warm: false,
    // Waits between retries are over at once.
    setTimeout: (callback, milliseconds) => setTimeout(callback, milliseconds > 1000 ? 5000 : 0),
    ...options,
  })
  const verify = library.createVerifier({ secret: source, now: () => now })

  return {
    account,
    source,
    advance(seconds) {
      now += seconds * 1000
    },
    async answer(secret, age = 0) {
      const sign = library.createSigner({ secret, now: () => now })
      const timestamp = Math.floor(now / 1000) - age
      const verdict = await verify.check(BODY, await sign(BODY, { timestamp }))
      return verdict.ok ? 'accepted' : verdict.error.code
    },
  }
}

const scenarios: Record<string, [Scenario, Partial<RotatingSecretOptions>?]> = {
  'the first delivery fetches, the next do not': [
    async ({ answer, account }) => {
      equal(await answer(account.secret), 'accepted')
      equal(await answer(account.secret), 'accepted')
      equal(account.calls, 1)
    },
  ],
  'deliveries side by side before the first read': [
    async ({ answer, account }) => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => answer(account.secret)))
      equal(new Set(answers).size, 1)
      equal(answers[0], 'accepted')
    },
  ],
  'no secret yet: 503, and accepted once the account is back': [
    async ({ answer, account, advance }) => {
      account.error = new Error('down')
      equal(await answer(account.secret), 'secret_unavailable')
      account.error = undefined
      advance(61)
      equal(await answer(account.secret), 'accepted')
    },
  ],
  'a rotation is found by the first delivery it signs': [
    async ({ answer, account, advance }, { generateSecret }) => {
      const old = account.secret
      await answer(old)
      advance(60)
      account.secret = generateSecret()
      equal(await answer(account.secret), 'accepted')
      equal(await answer(old), 'accepted')
      equal(account.calls, 2)
    },
  ],
  'the old key verifies for the overlap, then no more': [
    async ({ answer, account, advance }, { generateSecret }) => {
      const old = account.secret
      await answer(old)
      advance(60)
      account.secret = generateSecret()
      await answer(account.secret)
      advance(299)
      equal(await answer(old), 'accepted')
      advance(2)
      isTrue((await answer(old)) !== 'accepted', 'the old key was accepted after the overlap')
      equal(await answer(account.secret), 'accepted')
    },
  ],
  'overlap 0 drops the old key at once': [
    async ({ answer, account, advance }, { generateSecret }) => {
      const old = account.secret
      await answer(old)
      advance(60)
      account.secret = generateSecret()
      await answer(account.secret)
      isTrue((await answer(old)) !== 'accepted', 'the old key was accepted')
    },
    { overlap: 0 },
  ],
  'forgetPrevious drops the old key at once': [
    async ({ answer, account, advance, source }, { generateSecret }) => {
      const old = account.secret
      await answer(old)
      advance(60)
      account.secret = generateSecret()
      await answer(account.secret)
      source.forgetPrevious()
      isTrue((await answer(old)) !== 'accepted', 'the old key was accepted')
    },
  ],
  'a forgery is final if the account has been read since': [
    async ({ answer, account, advance }, { generateSecret }) => {
      await answer(account.secret)
      advance(400)
      equal(await answer(generateSecret()), 'signature_mismatch')
      equal(account.calls, 2)
    },
  ],
  'signed before the first read: undecided, never refused for good': [
    async ({ answer, account, advance }, { generateSecret }) => {
      await answer(account.secret)
      advance(10)
      equal(await answer(generateSecret(), 200), 'signature_undecided')
    },
  ],
  'the account is down: what matches nothing is undecided, what matches is accepted': [
    async ({ answer, account, advance }, { generateSecret }) => {
      const known = account.secret
      await answer(known)
      advance(400)
      account.secret = generateSecret()
      account.error = new Error('down')
      equal(await answer(account.secret), 'signature_undecided')
      equal(await answer(known), 'accepted')
      account.error = undefined
      advance(61)
      equal(await answer(account.secret), 'accepted')
    },
  ],
  'a flood of forgeries is one call, and hides no rotation': [
    async ({ answer, account, advance }, { generateSecret }) => {
      await answer(account.secret)
      advance(400)
      const forger = generateSecret()
      for (let i = 0; i < 50; i++) await answer(forger)
      equal(account.calls, 2)
      account.secret = generateSecret()
      advance(61)
      equal(await answer(account.secret), 'accepted')
    },
  ],
  'the token is refused: the secret that works goes on working': [
    async ({ answer, account, advance }) => {
      await answer(account.secret)
      account.error = Object.assign(new Error('no'), { status: 401 })
      advance(700)
      equal(await answer(account.secret), 'accepted')
    },
  ],
  'past maxStale a secret is not used without asking': [
    async ({ answer, account, advance }) => {
      await answer(account.secret)
      account.error = new Error('down')
      advance(3601)
      equal(await answer(account.secret), 'secret_unavailable')
    },
    { maxStale: 3600 },
  ],
  'an account that never answers is given up, by the runtime’s own timers': [
    async ({ answer, account }) => {
      equal(await answer(account.secret), 'secret_unavailable')
    },
    { fetch: () => new Promise(() => {}), timeout: 0.03, setTimeout: undefined, now: Date.now },
  ],
  'a fetch that has failed is tried again within one refresh': [
    async ({ answer, account }) => {
      const { secret } = account
      account.error = Object.assign(new Error('busy'), { status: 503 })
      const waiting = answer(secret)
      account.error = undefined
      equal(await waiting, 'accepted')
    },
  ],
  'refresh() and status()': [
    async ({ source, account, advance }) => {
      await source.refresh()
      advance(5)
      const { age, keyIds, refreshing } = source.status()
      equal([age, keyIds.length, refreshing], [5, 1, false])
      isTrue(!JSON.stringify(source.status()).includes(account.secret.slice(3)), 'a secret leaked')
    },
  ],
}

export function rotationCases(library: Library, account: ReachableAccount): readonly Case[] {
  const cases = Object.entries(scenarios).map(([name, [scenario, options = {}]]) => ({
    name: `rotation: ${name}`,
    run: () => scenario(createWorld(library, options), library),
  }))
  return [...cases, overTheWire(library, account)]
}

/** With the runtime's own fetch and timers, and a real account API behind them. */
function overTheWire(library: Library, { token, baseUrl }: ReachableAccount): Case {
  return {
    name: 'rotation: accountSecret over the runtime’s own fetch',
    async run() {
      const refused = library.accountSecret({ token: 'wrong', baseUrl, warm: false })
      const error = await refused.refresh().catch(({ reason }) => reason)
      equal(error, 'unauthorized')
      const source = library.accountSecret({ token, baseUrl, warm: false })
      await source.refresh()
      await source.rotate()
      const { keyIds, previous } = source.status()
      equal([keyIds.length, previous.length], [1, 1])
      source.close()
    },
  }
}
