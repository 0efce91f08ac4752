import { expect } from '@jest/globals'
import {
  type IdempotencyStore,
  memoryStore,
  type SecretContext,
  type SettledEvent,
} from 'countersign'
import { generateSecret } from 'countersign/sign'
import type { Bench } from './contract.js'
import { signed } from './signed.js'

/** What an adapter must do with the `idempotency` option; part of the contract's table. */
export const idempotencyCases = {
  'idempotency: a delivery that was handled is answered 200 and not handled again': async (
    bench: Bench,
  ) => {
    const store = recording(memoryStore())
    const rejected: unknown[] = []
    const reject = (error: unknown) => void rejected.push(error)
    await bench.start({ reject, options: { idempotency: store } })
    await bench.accepted(await signed({ id: 'msg_1' }))
    await store.saw('commit')
    const again = await bench.send(await signed({ id: 'msg_1' }))
    expect({ status: again?.status, text: again?.text }).toEqual({ status: 200, text: '' })
    expect(rejected).toHaveLength(0)
    await bench.accepted(await signed({ id: 'msg_2' }))
    expect(bench.handled.map(({ id }) => id)).toEqual(['msg_1', 'msg_2'])
    expect(bench.verdicts.map(({ outcome }) => outcome)).toEqual([
      'accepted',
      'duplicate',
      'accepted',
    ])
  },
  'idempotency: a delivery in progress is 503 with Retry-After': async (bench: Bench) => {
    const store = { ...memoryStore(), claim: () => ({ state: 'in_progress', retryAfter: 6.2 }) }
    await bench.start({ options: { idempotency: store as IdempotencyStore } })
    const answer = await bench.refused(await signed(), 'delivery_in_progress', 503)
    expect(answer.headers.get('retry-after')).toBe('7')
  },
  'idempotency: a handler that throws releases the claim, and the next attempt is handled': async (
    bench: Bench,
  ) => {
    const store = recording(memoryStore())
    const boom = new Error('boom')
    let isBroken = true
    const handle = () => {
      if (isBroken) throw boom
    }
    await bench.start({ handle, options: { idempotency: store } })
    await bench.failed(await signed({ id: 'msg_1' }), boom)
    await store.saw('release')
    isBroken = false
    await bench.accepted(await signed({ id: 'msg_1' }))
    await store.saw('commit')
    expect(store.calls).toEqual(['claim', 'release', 'claim', 'commit'])
  },
  'idempotency: a store that is down is 503 with Retry-After': async (bench: Bench) => {
    const down = new Error('no store')
    await bench.start({ options: { idempotency: failing(down) } })
    const answer = await bench.refused(await signed(), 'store_unavailable', 503)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(bench.verdicts).toMatchObject([{ outcome: 'refused', cause: down }])
  },
  'idempotency: a store that is down is ignored if the user chose that': async (bench: Bench) => {
    const down = new Error('no store')
    const idempotency = { store: failing(down), onStoreError: 'process' as const }
    await bench.start({ options: { idempotency } })
    await bench.accepted(await signed())
    expect(bench.verdicts).toMatchObject([
      { outcome: 'accepted', code: 'store_unavailable', cause: down },
    ])
  },
  'idempotency: a delivery that does not verify never reaches the store': async (bench: Bench) => {
    const store = recording(memoryStore())
    await bench.start({ options: { idempotency: store } })
    await bench.refused(await signed({ secret: generateSecret() }), 'signature_mismatch', 401)
    await bench.refused(await signed({ body: '{' }), 'payload_invalid', 400)
    expect(store.calls).toEqual([])
  },
  'idempotency: an id is unique within the endpoint, or within the scope option': async (
    bench: Bench,
  ) => {
    const keys: string[] = []
    const store = memoryStore()
    const claim: IdempotencyStore['claim'] = (key, claim) => {
      keys.push(key)
      return store.claim(key, claim)
    }
    await bench.start({ options: { idempotency: { store: { ...store, claim } } } })
    await bench.accepted(await signed({ id: 'msg_1' }))
    await bench.start({ options: { idempotency: { store: { ...store, claim }, scope: 'mine' } } })
    await bench.accepted(await signed({ id: 'msg_1' }))
    expect(keys).toEqual([expect.stringMatching(/^\S* msg_1$/), 'mine msg_1'])
  },
  'idempotency: the handler gets the claim, and onSettled is called when it ends': async (
    bench: Bench,
  ) => {
    const claims: unknown[] = []
    const inner = memoryStore()
    const claim: IdempotencyStore['claim'] = (key, { token, lease }) => {
      claims.push({ key, token })
      return inner.claim(key, { token, lease })
    }
    const events: SettledEvent[] = []
    const onSettled = (event: SettledEvent): void => void events.push(event)
    await bench.start({ options: { idempotency: { ...inner, claim }, onSettled } })
    const webhook = await bench.accepted(await signed({ id: 'msg_1' }))
    expect(claims).toEqual([webhook.claim])
    await until(() => events.length > 0)
    const [event] = events
    expect(event).toEqual({
      outcome: 'committed',
      id: 'msg_1',
      duration: expect.any(Number),
      status: 204,
    })
    expect(event?.context.request).toBeDefined()
  },
  'idempotency: the store may come from a function of the context': async (bench: Bench) => {
    const stores = recording(memoryStore())
    const contexts: unknown[] = []
    const idempotency = (context: SecretContext): IdempotencyStore => {
      contexts.push(context)
      return stores
    }
    await bench.start({ options: { idempotency } })
    await bench.accepted(await signed({ id: 'msg_1' }))
    await stores.saw('commit')
    expect((await bench.send(await signed({ id: 'msg_1' })))?.status).toBe(200)
    expect(contexts[0]).toHaveProperty('request')
    await bench.start({
      options: {
        idempotency: () => {
          throw new Error('no binding')
        },
      },
    })
    await bench.refused(await signed({ id: 'msg_2' }), 'store_unavailable', 503)
  },
} as const

export async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1_000 && !isSo(); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  expect(isSo()).toBe(true)
}

interface Recording extends IdempotencyStore {
  readonly calls: readonly string[]
  /** Resolves when the method has been called: an adapter may settle behind the answer. */
  saw(method: keyof IdempotencyStore): Promise<void>
}

function recording(store: IdempotencyStore): Recording {
  const calls: string[] = []
  const record = <A extends unknown[], R>(name: string, method: (...args: A) => R) => {
    return (...args: A): R => {
      calls.push(name)
      return method(...args)
    }
  }
  return {
    claim: record('claim', store.claim),
    commit: record('commit', store.commit),
    release: record('release', store.release),
    calls,
    async saw(method) {
      await until(() => calls.includes(method))
    },
  }
}

function failing(error: Error): IdempotencyStore {
  const fail = () => Promise.reject(error)
  return { claim: fail, commit: fail, release: fail }
}
