import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { IdempotencyStore } from 'countersign'
import { d1Store, durableObjectStore } from 'countersign/cloudflare'
import { storeContract } from 'countersign/testing'
import { startWorld, until, type World } from './world.js'

const a = { token: 'a', lease: 60, ttl: 60 }
const b = { token: 'b', lease: 60, ttl: 60 }

let world: World
before(async () => {
  world = await startWorld()
})
after(() => world.close())

const creators: Record<string, () => Promise<IdempotencyStore>> = {
  'durableObjectStore, seven objects': async () =>
    durableObjectStore(await world.durable(), { shards: 7 }),
  async d1Store() {
    const store = d1Store(await world.d1())
    await store.migrate()
    return store
  },
}
for (const [name, create] of Object.entries(creators)) {
  describe(`${name} follows the contract of a store`, { concurrency: 4 }, () => {
    for (const each of storeContract(create, { lease: 0.4, steps: 80, digest: true }))
      test(each.name, each.run)
  })
}

describe('a Durable Object', () => {
  async function look(binding: Awaited<ReturnType<World['durable']>>, path: string) {
    const stub = binding.get(binding.idFromName('shard 0') as never)
    const response = await stub.fetch(`https://countersign${path}`, { method: 'POST', body: '' })
    return (await response.json()) as { alarm: number | null; rows: number; now: number }
  }

  test('deletes what has expired by an alarm, and sets the next one while there are rows', async () => {
    const binding = await world.durable()
    const store = durableObjectStore(binding)
    await store.commit('/alarm brief', { token: 'a', ttl: 0.001 })
    await store.commit('/alarm lasting', a)
    const { alarm, rows, now } = await look(binding, '/look')
    assert.ok(alarm !== null && alarm > now && alarm <= now + 3_600_000)
    // The runtime calls it, as it would in an hour.
    await look(binding, '/ring')
    const later = await until(
      () => look(binding, '/look'),
      (found) => found.rows < rows,
    )
    await until(
      () => look(binding, '/look'),
      (found) => found.alarm !== null && found.alarm > found.now + 60_000,
    )
    assert.ok(later.rows >= 1)
    assert.deepEqual(await store.claim('/alarm lasting', b), { state: 'done' })
  })

  test('spreads keys over as many objects as there are shards', async () => {
    const real = await world.durable()
    const names = new Map<string, number>()
    const store = durableObjectStore(
      {
        idFromName(name) {
          names.set(name, (names.get(name) ?? 0) + 1)
          return real.idFromName(name)
        },
        get: (id) => real.get(id),
      },
      { shards: 4 },
    )
    for (let i = 0; i < 200; i++) await store.claim(`/spread msg_${i}`, a)
    assert.equal(names.size, 4)
    assert.ok([...names.values()].every((count) => count > 20))
  })

  test('of another class is no store', async () => {
    const store = durableObjectStore(await world.durable('ANOTHER'))
    const wrong = { name: 'TypeError', message: /not a DeliveryStore/ }
    await assert.rejects(async () => store.claim('key', a), wrong)
    await assert.rejects(async () => store.commit('key', a), wrong)
    await assert.rejects(async () => store.release('key', a), wrong)
  })

  test('that is out of order rejects', async () => {
    const store = durableObjectStore(await world.durable('BROKEN'))
    await assert.rejects(async () => store.claim('key', a), /out of order/)
    await assert.rejects(async () => store.commit('key', a), /out of order/)
  })

  test('whose connection breaks is asked once more, unless it is overloaded', async () => {
    const real = await world.durable()
    const failures: object[] = []
    const store = durableObjectStore({
      idFromName: (name) => real.idFromName(name),
      get(id) {
        const failure = failures.pop()
        if (!failure) return real.get(id)
        // The object has done it, and the answer was lost.
        const lost = async (url: string, init: { method: string; body: string }) => {
          await real.get(id).fetch(url, init)
          throw Object.assign(new Error('Network connection lost.'), failure)
        }
        return { fetch: lost }
      },
    })
    const [key, broken] = ['/broken msg_1', { retryable: true }]
    failures.push(broken)
    assert.deepEqual(await store.claim(key, a), { state: 'claimed' })
    failures.push(broken)
    assert.equal(await store.commit(key, a), true)
    failures.push(broken, broken)
    await assert.rejects(async () => store.release(key, a), /connection lost/)
    failures.push(broken, { overloaded: true })
    await assert.rejects(async () => store.claim(key, b), /connection lost/)
    assert.equal(failures.length, 1)
    failures.pop()
    assert.deepEqual(await store.claim(key, b), { state: 'done' })
  })

  test('that does not answer is given up in time', async () => {
    const store = durableObjectStore(await world.durable('SILENT'), { timeout: 0.1 })
    await assert.rejects(async () => store.claim('key', a), /did not answer within 100 ms/)
  })

  test('keeps claims and what is done over a restart', async () => {
    let store = durableObjectStore(await world.durable())
    await store.claim('/restart claimed', a)
    await store.commit('/restart done', a)
    await world.restart()
    store = durableObjectStore(await world.durable())
    assert.equal((await store.claim('/restart claimed', b)).state, 'in_progress')
    assert.equal(await store.commit('/restart claimed', b), false)
    assert.deepEqual(await store.claim('/restart done', b), { state: 'done' })
    assert.equal(await store.commit('/restart claimed', a), true)
  })
})

describe('D1', () => {
  test('ten migrations at once, and one more, are one table', async () => {
    const store = d1Store(await world.d1(), { table: 'at_once' })
    await Promise.all(Array.from({ length: 10 }, () => store.migrate()))
    await store.claim('key', a)
    await store.migrate()
    assert.equal((await store.claim('key', b)).state, 'in_progress')
  })

  test('the schema as text is a migration', async () => {
    const database = await world.d1()
    const store = d1Store(database, { table: 'by_hand' })
    for (const statement of store.schema.split(';\n').filter(Boolean)) {
      await database.prepare(statement).all()
    }
    assert.deepEqual(await store.claim('key', a), { state: 'claimed' })
  })

  test('a table that is missing is said to be, with what to do', async () => {
    const store = d1Store(await world.d1(), { table: 'missing' })
    const wrong = /the table missing does not exist: call migrate\(\) once/
    await assert.rejects(async () => store.claim('key', a), wrong)
    await assert.rejects(async () => store.commit('key', a), wrong)
    await assert.rejects(async () => store.release('key', a), wrong)
    await assert.rejects(async () => store.sweep(), wrong)
  })

  test('each commit deletes two rows that have expired, and never others', async () => {
    const database = await world.d1()
    const store = d1Store(database, { table: 'swept' })
    await store.migrate()
    const keys = async (): Promise<unknown[]> => {
      const { results } = await database.prepare('SELECT key FROM swept ORDER BY key').all()
      return results.map((row) => Object(row).key)
    }
    const unswept = d1Store(database, { table: 'swept', sweep: false })
    for (const key of ['1', '2', '3']) await unswept.commit(key, { token: 'a', ttl: 0.001 })
    assert.deepEqual(await keys(), ['1', '2', '3'])
    await store.commit('a', a)
    assert.deepEqual(await keys(), ['3', 'a'])
    await store.commit('b', a)
    assert.deepEqual(await keys(), ['a', 'b'])
  })

  test('sweep deletes what has expired, as many as asked', async () => {
    const store = d1Store(await world.d1(), { table: 'sweep', sweep: false })
    await store.migrate()
    for (let i = 0; i < 5; i++) await store.commit(`brief ${i}`, { token: 'a', ttl: 0.001 })
    await store.commit('lasting', a)
    assert.equal(await store.sweep({ limit: 3 }), 3)
    assert.equal(await store.sweep(), 2)
    assert.equal(await store.sweep(), 0)
    assert.deepEqual(await store.claim('lasting', b), { state: 'done' })
  })

  test('keeps claims and what is done over a restart', async () => {
    let store = d1Store(await world.d1(), { table: 'kept' })
    await store.migrate()
    await store.claim('claimed', a)
    await store.commit('done', a)
    await world.restart()
    store = d1Store(await world.d1(), { table: 'kept' })
    assert.equal((await store.claim('claimed', b)).state, 'in_progress')
    assert.deepEqual(await store.claim('done', b), { state: 'done' })
  })
})
