import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { DeliveryStore, d1Store, durableObjectStore } from 'countersign/cloudflare'
import { statementsFor } from '../../../src/cloudflare/statements.js'
import { manualTimers } from '../../support/manual-timers.js'

const sql = statementsFor('deliveries')
const NOW = 1_767_225_600_000
const HOUR = 3_600_000
const claim = { token: 'a', lease: 60 }

beforeEach(() => {
  jest.useFakeTimers({ now: NOW, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] })
})
afterEach(() => {
  jest.useRealTimers()
})

/** The storage of an object whose statements are answered with these rows, one list after another. */
function createObject(...answers: object[][]) {
  const asked: unknown[][] = []
  const alarms: number[] = []
  let alarm: number | null = null
  const storage = {
    sql: {
      exec(text: string, ...values: unknown[]): Iterable<Record<string, unknown>> {
        asked.push([text, ...values])
        if (sql.schema.includes(text)) return []
        return (answers.shift() ?? []) as Record<string, unknown>[]
      },
    },
    getAlarm: async () => alarm,
    async setAlarm(time: number) {
      alarm = time
      alarms.push(time)
    },
  }
  const create = (): DeliveryStore => new DeliveryStore({ storage })
  return { asked, alarms, create, object: create(), setAlarm: storage.setAlarm }
}

/** The binding that leads to an object, and the names by which objects were asked for. */
function bindingTo(object: Pick<DeliveryStore, 'fetch'>) {
  const names: string[] = []
  const binding = {
    idFromName: (name: string) => name,
    get(name: string) {
      names.push(name)
      return { fetch: (url: string, init: RequestInit) => object.fetch(new Request(url, init)) }
    },
  }
  return { binding: binding as never, names }
}

describe('a Durable Object', () => {
  test('creates its table, and runs one statement for each operation', async () => {
    const { asked, object } = createObject(
      [{ token: 'a', remaining: 60_000, digest: '' }],
      [{ key: 'k' }],
      [],
      [],
    )
    const store = durableObjectStore(bindingTo(object).binding)
    expect(await store.claim('k', { ...claim, digest: 'd' })).toEqual({ state: 'claimed' })
    expect(await store.commit('k', { token: 'a', ttl: 1.5, digest: 'd' })).toBe(true)
    expect(await store.commit('k', { token: 'b', ttl: 1 })).toBe(false)
    await store.release('k', { token: 'a' })
    expect(asked).toEqual([
      ...sql.schema.map((text) => [text]),
      [sql.claim, 'k', 'a', 60_000, 'd'],
      [sql.commit, 'k', 'a', 1500, 'd'],
      [sql.commit, 'k', 'b', 1000, ''],
      [sql.release, 'k', 'a'],
    ])
  })

  test('answers a claim with the row of the holder', async () => {
    const { object } = createObject([{ token: 'b', remaining: 1500, digest: 'd' }])
    const store = durableObjectStore(bindingTo(object).binding)
    const result = await store.claim('k', claim)
    expect(result).toEqual({ state: 'in_progress', retryAfter: 1.5, digest: 'd' })
  })

  test('is woken within the hour to delete what has expired, and asks for that once', async () => {
    const { alarms, object, create } = createObject()
    const store = durableObjectStore(bindingTo(object).binding)
    await store.release('k', claim)
    expect(alarms).toEqual([NOW + HOUR])
    await store.release('k', claim)
    // The same object, after it was out of memory: the alarm is still set.
    await durableObjectStore(bindingTo(create()).binding).release('k', claim)
    expect(alarms).toEqual([NOW + HOUR])
  })

  test('deletes at most 5,000 rows, and is woken again when more may expire', async () => {
    const gone = Array.from({ length: 4999 }, () => ({}))
    const later = createObject(gone, [{ until: NOW + 2 * HOUR }])
    await later.object.alarm()
    expect(later.asked).toContainEqual([sql.sweep, 5000])
    expect(later.alarms).toEqual([NOW + 2 * HOUR])
    // Not for every row that expires.
    const soon = createObject([], [{ until: NOW + 1 }])
    await soon.object.alarm()
    expect(soon.alarms).toEqual([NOW + HOUR])
    const more = createObject([...gone, {}], [{ until: NOW - 1 }])
    await more.object.alarm()
    expect(more.alarms).toEqual([NOW])
  })

  test('that holds nothing sleeps until the next delivery', async () => {
    const { alarms, object, setAlarm } = createObject([], [{ until: null }])
    const store = durableObjectStore(bindingTo(object).binding)
    await store.release('k', claim)
    await object.alarm()
    expect(alarms).toEqual([NOW + HOUR])
    await setAlarm(null as never)
    await store.release('k', claim)
    expect(alarms.at(-1)).toBe(NOW + HOUR)
    expect(alarms).toHaveLength(3)
  })
})

describe('the binding', () => {
  const { object } = createObject()

  test('leads each key to one object, and spreads keys over all of them', async () => {
    const { binding, names } = bindingTo(object)
    await durableObjectStore(binding).release('a', claim)
    await durableObjectStore(binding).release('b', claim)
    expect(new Set(names)).toEqual(new Set(['shard 0']))
    const store = durableObjectStore(binding, { shards: 4 })
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 40; i++) await store.release(`msg_${i}`, claim)
    }
    const [first, second] = [names.slice(2, 42), names.slice(42)]
    expect(second).toEqual(first)
    expect(new Set(first).size).toBe(4)
  })

  test('keeps a key at its object from release to release of the package', async () => {
    const { binding, names } = bindingTo(object)
    const store = durableObjectStore(binding, { shards: 1000 })
    // FNV-1a, as published, of 'a' and 'foobar': another hash would make handled deliveries look new.
    await store.release('a', claim)
    await store.release('foobar', claim)
    expect(names).toEqual([`shard ${0xe40c292c % 1000}`, `shard ${0xbf9cf968 % 1000}`])
  })

  test.each(['{}', 'null', 'no json', '"claimed"', '1'])(
    'that leads to something else (%s) is refused, with the fix',
    async (text) => {
      const { binding } = bindingTo({ fetch: async () => new Response(text) })
      const store = durableObjectStore(binding)
      await expect(store.claim('k', claim)).rejects.toThrow('is not a DeliveryStore')
      await expect(store.commit('k', { token: 'a', ttl: 1 })).rejects.toThrow(
        'check class_name of the binding',
      )
    },
  )

  test('answers a commit with true and nothing else', async () => {
    const { binding } = bindingTo({ fetch: async () => new Response('{"state":"done"}') })
    expect(await durableObjectStore(binding).commit('k', { token: 'a', ttl: 1 })).toBe(false)
  })
})

describe('an operation that fails', () => {
  /** An object whose stub fails as often as there are errors, and how often it was asked. */
  function failing(...errors: Error[]) {
    let count = 0
    const binding = {
      idFromName: () => 'id',
      get: () => ({
        async fetch() {
          const error = errors[count++]
          if (error) throw error
          return new Response('true')
        },
      }),
    }
    return { binding: binding as never, asked: () => count }
  }
  const commit = { token: 'a', ttl: 1 }
  const broken = new Error('Network connection lost')

  test('is tried once more, over a new stub', async () => {
    const { binding, asked } = failing(broken)
    expect(await durableObjectStore(binding).commit('k', commit)).toBe(true)
    expect(asked()).toBe(2)
  })

  test('twice fails', async () => {
    const { binding, asked } = failing(broken, broken)
    await expect(durableObjectStore(binding).commit('k', commit)).rejects.toThrow('lost')
    expect(asked()).toBe(2)
  })

  test('because of overload is not tried again', async () => {
    const { binding, asked } = failing(Object.assign(new Error('busy'), { overloaded: true }))
    await expect(durableObjectStore(binding).commit('k', commit)).rejects.toThrow('busy')
    expect(asked()).toBe(1)
  })

  test('after its time is not tried again', async () => {
    let fail = (_: Error): void => {}
    let asked = 0
    const stub = {
      fetch: () =>
        new Promise((_, reject) => {
          asked++
          fail = reject
        }),
    }
    const timers = manualTimers()
    const binding = { idFromName: () => 'id', get: () => stub } as never
    const store = durableObjectStore(binding, timers.options)
    const outcome = expect(store.commit('k', commit)).rejects.toThrow(
      'the Durable Object did not answer within 5000 ms',
    )
    expect(timers.waiting).toEqual([5000])
    await Promise.all([outcome, timers.run()])
    fail(broken)
    await new Promise((resolve) => setImmediate(resolve))
    expect(asked).toBe(1)
  })

  test('for want of the table says how to create it', async () => {
    const refuse = async (): Promise<never> => {
      throw new Error('D1_ERROR: no such table: mine: SQLITE_ERROR')
    }
    const prepare = () => ({ bind: () => ({ all: refuse }) })
    const store = d1Store({ prepare, batch: refuse } as never, { table: 'mine' })
    const missing = 'the table mine does not exist: call migrate() once'
    await expect(store.claim('k', claim)).rejects.toThrow(missing)
    await expect(store.commit('k', commit)).rejects.toThrow(missing)
    await expect(store.release('k', claim)).rejects.toThrow(missing)
    await expect(store.sweep()).rejects.toThrow(missing)
    const other = async (): Promise<never> => {
      throw new Error('D1_ERROR: disk I/O error')
    }
    const broken = d1Store({
      prepare: () => ({ bind: () => ({ all: other }) }),
      batch: other,
    } as never)
    await expect(broken.claim('k', claim)).rejects.toThrow('disk I/O error')
  })
})

test('the SQL of a D1 table, for a migration of your own, is what migrate runs', async () => {
  const texts: string[] = []
  const prepare = (text: string) => {
    texts.push(text)
    return {}
  }
  const store = d1Store({ prepare, batch: async () => [] } as never, { table: 'mine' })
  await store.migrate()
  expect(texts).toHaveLength(2)
  expect(store.schema).toBe(`${texts.join(';\n')};\n`)
  for (const text of texts) expect(text).toMatch(/IF NOT EXISTS mine/)
})
