// One receiving process: Express, verifyWebhook, postgresStore. It may be killed at any moment.
// Not TypeScript, because it is started often and must be up soon.
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { verifyWebhook } from 'countersign/express'
import { createReceiver } from 'countersign/http'
import { postgresStore } from 'countersign/postgres'
import express from 'express'
import pg from 'pg'
import postgres from 'postgres'

const { ledger, url, library, isExact, secret, plan } = JSON.parse(process.argv[2])

/** The page cache survives the process, so a line that was written is a fact. */
function note(step, id, token) {
  appendFileSync(ledger, `${step} ${id} ${Date.now()} ${token}\n`)
}

// postgres 3.4.9 now and then ends the process when the server does: it writes to a socket that is gone. 70 is ENDED_BY_CLIENT.
process.on('uncaughtException', (error) => {
  console.error(error)
  const isKnown = library === 'postgres' && /reading 'write'/.test(error.message)
  process.exit(isKnown ? 70 : 1)
})

/** The application's own database work: one row for each time that a delivery is handled. */
const INSERT = 'INSERT INTO work (id) VALUES ($1)'
const pause = () => sleep((Math.random() * plan.handlerTime) / 2)

const open = {
  pg() {
    // A pool reports an idle connection that breaks; the store listens if no other listener does.
    const pool = new pg.Pool({ connectionString: url, max: 12 })
    return {
      db: pool,
      insert: (id) => pool.query(INSERT, [id]),
      async transaction(work) {
        const client = await pool.connect()
        const ignore = () => {}
        client.on('error', ignore)
        try {
          await client.query('BEGIN')
          await work(client, (id) => client.query(INSERT, [id]))
          await client.query('COMMIT')
        } catch (error) {
          await client.query('ROLLBACK').catch(() => {})
          throw error
        } finally {
          client.off('error', ignore)
          client.release()
        }
      },
    }
  },
  postgres() {
    // As the documents say: otherwise this client can end the process when the server goes away.
    const options = { fetch_types: false, onnotice: () => {}, backoff: () => 0.05 }
    const sql = postgres(url, { max: 12, ...options })
    return {
      db: sql,
      insert: (id) => sql.unsafe(INSERT, [id]),
      transaction: (work) => sql.begin((tx) => work(tx, (id) => tx.unsafe(INSERT, [id]))),
    }
  },
}

const { db, insert, transaction } = open[library]()
const inner = postgresStore(db, { timeout: 2 })
const store = {
  ...inner,
  async commit(key, claim) {
    const isOurs = await inner.commit(key, claim)
    note(isOurs ? 'committed' : 'lost', key.split(' ')[1], claim.token)
    return isOurs
  },
}

/** The work and its mark in one transaction, in either order. */
async function exactly(webhook) {
  await transaction(async (tx, insertInside) => {
    if (Math.random() < 0.2) {
      await store.commitWith(tx, webhook)
      await pause()
      await insertInside(webhook.id)
    } else {
      await insertInside(webhook.id)
      await pause()
      await store.commitWith(tx, webhook)
    }
    if (Math.random() < plan.handlerFails) throw new Error('this attempt fails')
  })
}

async function atLeast({ id }) {
  await pause()
  if (Math.random() < plan.handlerFails) throw new Error('this attempt fails')
  await insert(id)
}

async function handle(webhook) {
  note('begun', webhook.id, webhook.claim.token)
  await (isExact ? exactly(webhook) : atLeast(webhook))
  note('handled', webhook.id, webhook.claim.token)
  // Between the commit and the answer.
  await pause()
}

const idempotency = { store, lease: plan.lease }
const app = express()
app.post('/webhooks', verifyWebhook({ secret, idempotency }), async ({ webhook }, response) => {
  await handle(webhook)
  response.sendStatus(204)
})

const receive = createReceiver({ secret, idempotency })
/** One delivery of a batch, as an adapter does it. */
async function receiveOne({ headers, body }) {
  const outcome = await receive({ headers, readBody: () => body, context: {} })
  if (!('webhook' in outcome)) return outcome.status
  const status = await handle(outcome.webhook).then(
    () => 204,
    () => 500,
  )
  await outcome.settle(status)
  return status
}
app.post('/batch', express.json({ limit: '10mb' }), async ({ body }, response) => {
  response.json(await Promise.all(body.map(receiveOne)))
})
app.use((_error, _request, response, _next) => response.sendStatus(500))
const server = app.listen(0, '127.0.0.1', () => process.send(server.address().port))
