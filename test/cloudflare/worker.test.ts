import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { d1Store } from 'countersign/cloudflare'
import { type Answer, delivery, startWorld, until, type World } from './world.js'

let world: World
before(async () => {
  world = await startWorld()
  await d1Store(await world.d1()).migrate()
})
after(() => world.close())

/** How often a delivery was handled, in both isolates together. */
async function handledTimes(id: string): Promise<number> {
  const counts = await Promise.all([world.count(), world.count('twin')])
  return counts.reduce((sum, { seen }) => sum + (seen[id]?.handled ?? 0), 0)
}

function sendMany(paths: readonly string[], each: Awaited<ReturnType<typeof delivery>>) {
  return Promise.all(paths.map((path) => world.send(path, each)))
}

const tally = (answers: readonly Answer[], status: number): number =>
  answers.filter((answer) => answer.status === status).length

for (const adapter of ['hono', 'fetch']) {
  for (const store of ['durable', 'sharded', 'd1']) {
    describe(`${adapter} with ${store}`, () => {
      const path = `/${adapter}/${store}`

      test('of thirty copies at once in two isolates, one is handled', async () => {
        const copy = await delivery(world.secret)
        const paths = Array.from({ length: 30 }, (_, i) => (i % 2 ? path : `/twin${path}`))
        const answers = await sendMany(paths, copy)
        assert.equal(await handledTimes(copy.id), 1)
        const refused = answers.filter(({ code }) => code === 'delivery_in_progress')
        assert.ok(refused.every(({ status, retryAfter }) => status === 503 && retryAfter >= 1))
        assert.equal(tally(answers, 200) + refused.length, 30)
      })

      test('a handled delivery is answered 200 without the handler, in the other isolate too', async () => {
        const copy = await delivery(world.secret)
        assert.equal((await world.send(`${path}?answers=204`, copy)).status, 204)
        assert.equal((await world.send(path, copy)).status, 200)
        assert.equal((await world.send(`/twin${path}`, copy)).status, 200)
        assert.equal(await handledTimes(copy.id), 1)
      })

      test('a delivery whose handler failed can be claimed again', async () => {
        const copy = await delivery(world.secret)
        assert.equal((await world.send(`${path}?answers=500`, copy)).status, 500)
        assert.equal((await world.send(path, copy)).status, 200)
        assert.equal(await handledTimes(copy.id), 2)
      })
    })
  }
}

test('a function of the bindings is asked for its store once in each isolate', async () => {
  const { asked } = await world.count()
  // Once for each adapter.
  assert.deepEqual([asked.durable, asked.sharded, asked.d1], [2, 2, 2])
})

test('a function that creates its table first may be asked by many deliveries at once', async () => {
  const copies = await Promise.all(Array.from({ length: 10 }, () => delivery(world.secret)))
  const answers = await Promise.all(copies.map((copy) => world.send('/hono/migrating', copy)))
  assert.equal(tally(answers, 200), 10)
  assert.deepEqual(await Promise.all(copies.map(({ id }) => handledTimes(id))), Array(10).fill(1))
})

test('a handler that takes longer than its lease keeps its claim', async () => {
  const copy = await delivery(world.secret)
  const path = '/hono/brief?takes=2500'
  const first = world.send(path, copy)
  await untilRunning(copy.id)
  const later = await until(
    () => world.send(path, copy),
    ({ status }) => status !== 503,
  )
  assert.deepEqual([(await first).status, later.status], [200, 200])
  assert.equal(await handledTimes(copy.id), 1)
})

test('a binding that is missing refuses with 503, not with a handler that runs twice', async () => {
  const copy = await delivery(world.secret)
  const answer = await world.send('/hono/unbound', copy)
  assert.equal(await handledTimes(copy.id), 0)
  assert.deepEqual([answer.status, answer.code], [503, 'store_unavailable'])
})

test('a forged delivery reaches neither store nor handler', async () => {
  const { id, headers } = await delivery(world.secret)
  const body = new TextEncoder().encode('{"n":2}')
  assert.equal((await world.send('/hono/durable', { headers, body })).status, 401)
  assert.equal(await handledTimes(id), 0)
})

/** Until the handler of a delivery is at work. */
function untilRunning(id: string): Promise<unknown> {
  return until(
    () => world.count(),
    ({ seen }) => (seen[id]?.running ?? 0) > 0,
  )
}

test('a sender that hangs up and sends again never has two handlers side by side', async () => {
  const copy = await delivery(world.secret)
  const path = '/hono/brief?takes=200'
  const hangUp = new AbortController()
  const first = world.send(path, copy, hangUp.signal).catch(() => 'hung up')
  await untilRunning(copy.id)
  hangUp.abort()
  assert.equal(await first, 'hung up')
  await sendMany(Array(5).fill(path), copy)
  const last = await until(
    () => world.send(path, copy),
    ({ status }) => status !== 503,
  )
  assert.equal(last.status, 200)
  assert.equal((await world.count()).seen[copy.id]?.most, 1)
})

test('a claim outlives workerd, and is free when its lease has run out', async () => {
  const copy = await delivery(world.secret)
  const sent = world.send('/hono/brief?takes=60000', copy).catch(() => undefined)
  await untilRunning(copy.id)
  await world.restart()
  await sent
  const answer = await until(
    () => world.send('/hono/brief', copy),
    ({ status }) => status !== 503,
  )
  assert.equal(answer.status, 200)
  assert.equal(await handledTimes(copy.id), 1)
})

test('a claim holds over a restart', async () => {
  const copy = await delivery(world.secret)
  const sent = world.send('/hono/durable?takes=60000', copy).catch(() => undefined)
  await untilRunning(copy.id)
  await world.restart()
  await sent
  const { status, code, retryAfter } = await world.send('/hono/durable', copy)
  assert.deepEqual([status, code], [503, 'delivery_in_progress'])
  assert.ok(retryAfter > 1 && retryAfter <= 60)
})

test('a handled delivery stays handled over a restart', async () => {
  for (const path of ['/hono/durable', '/fetch/d1']) {
    const copy = await delivery(world.secret)
    await world.send(path, copy)
    await world.restart()
    assert.equal((await world.send(path, copy)).status, 200)
    assert.equal(await handledTimes(copy.id), 0)
  }
})
