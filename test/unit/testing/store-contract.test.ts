import { describe, expect, test } from '@jest/globals'
import { type IdempotencyStore, memoryStore } from 'countersign'
import { clock, type StoreCase, storeContract } from 'countersign/testing'

describe('memoryStore follows the contract of a store', () => {
  const now = clock()
  const wait = (seconds: number): void => now.advance(seconds)
  for (const { name, run } of storeContract(() => memoryStore({ now }), { wait, digest: true }))
    test(name, run)

  test('by the clock of the machine, too', async () => {
    const cases = storeContract(() => memoryStore(), { lease: 0.02 })
    await Promise.all(cases.map(({ run }) => run()))
  })

  test('with a store that is shared by all cases', async () => {
    const store = memoryStore({ now })
    for (const { run } of storeContract(() => store, { wait })) await run()
  })
})

describe('the contract finds what is wrong with a store', () => {
  const now = clock()
  const wait = (seconds: number): void => now.advance(seconds)

  async function failures(wrong: (right: IdempotencyStore) => Partial<IdempotencyStore>) {
    const createStore = (): IdempotencyStore => {
      const right = memoryStore({ now })
      return { ...right, ...wrong(right) }
    }
    const cases: readonly StoreCase[] = storeContract(createStore, { wait })
    const results = await Promise.allSettled(cases.map(({ run }) => run()))
    return results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason.message] : [],
    )
  }

  test.each<[string, (right: IdempotencyStore) => Partial<IdempotencyStore>]>([
    ['claims everything', () => ({ claim: () => ({ state: 'claimed' }) })],
    ['never claims', () => ({ claim: () => ({ state: 'in_progress', retryAfter: 1 }) })],
    [
      'never renews',
      ({ claim }) => ({
        claim: (key, { token, lease }) => claim(key, { token: token + Math.random(), lease }),
      }),
    ],
    ['folds case', ({ claim }) => ({ claim: (key, of) => claim(key.toLowerCase(), of) })],
    ['trims keys', ({ claim }) => ({ claim: (key, of) => claim(key.trim(), of) })],
    ['cuts keys', ({ claim }) => ({ claim: (key, of) => claim(key.slice(0, 1000), of) })],
    ['stops at a nul', ({ claim }) => ({ claim: (key, of) => claim(key.replace(/\0.*/, ''), of) })],
    ['never releases', () => ({ release: () => {} })],
    [
      'releases for anybody',
      ({ claim, release }) => {
        const holders = new Map<string, string>()
        return {
          claim: async (key, of) => {
            const result = await claim(key, of)
            if (result.state === 'claimed') holders.set(key, of.token)
            return result
          },
          release: (key) => release(key, { token: holders.get(key) ?? '' }),
        }
      },
    ],
    [
      'returns the digest of whoever asks',
      ({ claim }) => ({
        claim: async (key, of) => {
          const result = await claim(key, of)
          return of.digest && result.state === 'done' ? { ...result, digest: of.digest } : result
        },
      }),
    ],
    ['commits for nobody', () => ({ commit: () => false })],
    ['commits without doing so', () => ({ commit: () => true })],
    [
      'commits nothing that it does not know',
      ({ commit, claim }) => {
        const known = new Set<string>()
        return {
          claim: (key, of) => claim(known.add(key) && key, of),
          commit: (key, of) => known.has(key) && commit(key, of),
        }
      },
    ],
    [
      'remembers for ever',
      ({ commit }) => ({ commit: (key, { token }) => commit(key, { token, ttl: 1e9 }) }),
    ],
    [
      'holds for ever',
      ({ claim }) => ({ claim: (key, { token }) => claim(key, { token, lease: 900 }) }),
    ],
    [
      'cuts fractions',
      ({ claim }) => ({
        claim: (key, { token, lease }) => claim(key, { token, lease: Math.floor(lease) }),
      }),
    ],
    [
      'counts in milliseconds',
      ({ claim }) => ({
        claim: async (key, of) => {
          const result = await claim(key, of)
          return result.state === 'in_progress'
            ? { ...result, retryAfter: result.retryAfter * 1000 }
            : result
        },
      }),
    ],
    [
      'looks, and claims a moment later',
      ({ claim }) => {
        const seen = new Map<string, string>()
        return {
          claim: async (key, { token, lease }) => {
            const isFree = !seen.has(key)
            await Promise.resolve()
            seen.set(key, token)
            const result = await claim(key, { token, lease })
            return isFree ? { state: 'claimed' } : result
          },
        }
      },
    ],
  ])('it %s', async (_, wrong) => {
    expect(await failures(wrong)).not.toEqual([])
  })

  test('and says what was expected and what came', async () => {
    const [first] = await failures(() => ({ claim: () => ({ state: 'claimed' }) }))
    expect(first).toBe(
      'the claim of b must come to "in_progress", and the store answered "claimed"',
    )
  })

  test('nothing is wrong with a right one', async () => {
    expect(await failures(() => ({}))).toEqual([])
  })
})

test.each([{ lease: 0 }, { wait: 5 }, { steps: -1 }, { leases: 1 }])('%p is refused', (options) => {
  expect(() => storeContract(() => memoryStore(), options as never)).toThrow(TypeError)
})

test('a store in place of a function that makes one is refused', () => {
  expect(() => storeContract(memoryStore() as never)).toThrow('createStore must be a function')
})
