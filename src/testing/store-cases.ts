import { expectSame, type StoreTrial } from './store-trial.js'

type Check = (trial: StoreTrial) => Promise<void>

/** As many at once as a burst of copies of one delivery. */
const MANY = 40

/** Keys that a careless store takes for the same, or does not take at all. */
const ODD_KEYS = [
  'msg_1',
  'MSG_1',
  'msg_1 ',
  ' msg_1',
  'msg_10',
  'msg__',
  'msg%',
  'msg\'"`\\;--',
  '$1',
  '{msg_1}',
  'ä',
  'a\u0308',
  '\u{1f980}',
  'line\nbreak',
  'nul\0a',
  'nul\0b',
  `${'x'.repeat(4000)}a`,
  `${'x'.repeat(4000)}b`,
  `${'é'.repeat(1500)}a`,
  `${'é'.repeat(1500)}b`,
]

const ODD_TOKENS = ['1', '0', 'done', 'claimed', '', 'a', 'A', 'a ', "'; --", 'null']

/** Name and check of every rule, in the order in which a reader wants them. */
export const STORE_CASES: Readonly<Record<string, Check>> = {
  async 'a free key is claimed, and in progress for every other token'(trial) {
    const key = trial.key()
    await trial.claims(key, 'a', 'claimed')
    await trial.claims(key, 'b', 'in_progress')
    await trial.claims(key, 'c', 'in_progress')
  },

  async 'the holder commits, and the key is done for everybody'(trial) {
    const key = trial.key()
    await trial.claims(key, 'a', 'claimed')
    await trial.commits(key, 'a', true)
    await trial.claims(key, 'a', 'done')
    await trial.claims(key, 'b', 'done')
    await trial.commits(key, 'a', true)
    await trial.release(key, 'a')
    await trial.claims(key, 'b', 'done')
  },

  async 'the holder releases, and the key is free at once'(trial) {
    const key = trial.key()
    await trial.claims(key, 'a', 'claimed')
    await trial.release(key, 'a')
    await trial.claims(key, 'b', 'claimed')
    await trial.release(key, 'a')
    await trial.claims(key, 'c', 'in_progress')
  },

  async 'only the holder commits or releases'(trial) {
    const key = trial.key()
    await trial.claims(key, 'a', 'claimed')
    await trial.commits(key, 'b', false)
    await trial.release(key, 'b')
    await trial.claims(key, 'b', 'in_progress')
    await trial.commits(key, 'a', true)
  },

  async 'the holder claims again, and the lease starts again'(trial) {
    const key = trial.key()
    await trial.claims(key, 'a', 'claimed', trial.lease)
    await trial.claims(key, 'a', 'claimed')
    await trial.lapse()
    await trial.claims(key, 'b', 'in_progress')
  },

  async 'a lease that ran out is free, and the old holder can do nothing to the new one'(trial) {
    const key = trial.key()
    await trial.claims(key, 'a', 'claimed', trial.lease)
    await trial.lapse()
    await trial.claims(key, 'b', 'claimed')
    await trial.commits(key, 'a', false)
    await trial.release(key, 'a')
    await trial.claims(key, 'a', 'in_progress')
    await trial.commits(key, 'b', true)
  },

  async 'a lease that ran out without a successor still commits'(trial) {
    const key = trial.key()
    await trial.claims(key, 'a', 'claimed', trial.lease)
    await trial.lapse()
    await trial.commits(key, 'a', true)
    await trial.claims(key, 'b', 'done')
  },

  async 'a commit counts although the store has forgotten the claim'(trial) {
    const key = trial.key()
    await trial.commits(key, 'a', true)
    await trial.claims(key, 'b', 'done')
    await trial.release(trial.key('never claimed'), 'a')
  },

  async 'a key that is done is forgotten after its ttl, and not by the lease of its claim'(trial) {
    const [brief, lasting] = [trial.key('brief'), trial.key('lasting')]
    await trial.claims(brief, 'a', 'claimed')
    await trial.commits(brief, 'a', true, trial.lease)
    await trial.claims(lasting, 'a', 'claimed', trial.lease)
    await trial.commits(lasting, 'a', true)
    await trial.lapse()
    await trial.claims(brief, 'b', 'claimed')
    await trial.claims(lasting, 'b', 'done')
  },

  async 'every text is a key of its own, of whatever length'(trial) {
    const keys = ODD_KEYS.map((name) => trial.key(name))
    for (const key of keys) await trial.claims(key, 'a', 'claimed')
    for (const key of keys) await trial.claims(key, 'b', 'in_progress')
    for (const key of keys) await trial.commits(key, 'a', true)
    for (const key of keys) await trial.claims(key, 'b', 'done')
  },

  async 'every text is a token of its own'(trial) {
    for (const token of ODD_TOKENS) {
      const key = trial.key(`of ${token}`)
      await trial.claims(key, token, 'claimed')
      for (const other of ODD_TOKENS.filter((each) => each !== token)) {
        await trial.claims(key, other, 'in_progress')
        await trial.commits(key, other, false)
        await trial.release(key, other)
      }
      await trial.claims(key, token, 'claimed')
      await trial.commits(key, token, true)
    }
  },

  async 'a digest that is returned is the one that the holder stored'(trial) {
    const { store } = trial
    const key = trial.key()
    await store.claim(key, { token: 'a', lease: trial.lease, digest: 'of+nobody/any' })
    await trial.lapse()
    await store.claim(key, { token: 'b', lease: 1000, digest: 'of+body/one' })
    await expectDigest(trial, key, 'of+body/one')
    await store.claim(key, { token: 'b', lease: 1000, digest: 'of+body/one' })
    await expectDigest(trial, key, 'of+body/one')
    await store.commit(key, { token: 'b', ttl: 1000, digest: 'of+body/one' })
    await expectDigest(trial, key, 'of+body/one')
    await trial.claims(key, 'c', 'done')
  },

  async 'durations may be fractions, and years'(trial) {
    const [brief, long] = [trial.key('brief'), trial.key('long')]
    await trial.claims(brief, 'a', 'claimed', trial.lease / 3)
    await trial.claims(long, 'a', 'claimed', 999.5)
    await trial.lapse()
    await trial.claims(brief, 'b', 'claimed')
    await trial.commits(brief, 'b', true, 10 * 365 * 86_400)
    await trial.claims(brief, 'c', 'done')
    expectSame('a lease of 0.9 s', await holdsForAnInstant(trial), true)
  },

  async 'of many claims at once, one is claimed and the others are in progress'(trial) {
    await oneWins(trial, trial.key())
  },

  async 'of many claims at once after a lease ran out, one is claimed'(trial) {
    const key = trial.key()
    await trial.claims(key, 'a', 'claimed', trial.lease)
    await trial.lapse()
    await oneWins(trial, key)
  },

  async 'a commit among many claims at once lets none of them in'(trial) {
    const key = trial.key()
    await trial.claims(key, 'a', 'claimed')
    const commit = trial.commits(key, 'a', true)
    const states = await claimAtOnce(trial, key)
    await commit
    expectSame('every claim beside the commit', states.includes('claimed'), false)
    await trial.claims(key, 'b', 'done')
  },
}

/** Of another attempt with another body. */
async function expectDigest(
  { store, digest }: StoreTrial,
  key: string,
  stored: string,
): Promise<void> {
  const result = await store.claim(key, { token: 'c', lease: 1000, digest: 'of+body/two' })
  const found = 'digest' in result ? result.digest : undefined
  if (digest || found !== undefined) expectSame('the digest of the taken key', found, stored)
}

/** Tried again, because a machine may stall for longer than the lease. */
async function holdsForAnInstant({ store, key }: StoreTrial): Promise<boolean> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const name = key(`of an instant ${attempt}`)
    await store.claim(name, { token: 'a', lease: 0.9 })
    const { state } = await store.claim(name, { token: 'b', lease: 0.9 })
    if (state === 'in_progress') return true
  }
  return false
}

async function oneWins(trial: StoreTrial, key: string): Promise<void> {
  const states = await claimAtOnce(trial, key)
  const count = (state: string): number => states.filter((each) => each === state).length
  expectSame(`of ${MANY} claims at once, claimed`, count('claimed'), 1)
  expectSame(`of ${MANY} claims at once, in progress`, count('in_progress'), MANY - 1)
}

async function claimAtOnce({ store }: StoreTrial, key: string): Promise<readonly string[]> {
  const claims = Array.from({ length: MANY }, (_, i) =>
    store.claim(key, { token: `rival ${i}`, lease: 1000 }),
  )
  return (await Promise.all(claims)).map(({ state }) => state)
}
