import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Webhook } from 'countersign'
import { webhookHandler } from 'countersign/fetch'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'
import {
  type PostgresServer,
  postgresIsInstalled,
  startPostgres,
} from '../../../test/postgres/postgres-server.ts'
import { withDrizzle } from '../src/drizzle.ts'
import { withKnex } from '../src/knex.ts'
import { withKysely } from '../src/kysely.ts'
import { withPg } from '../src/pg.ts'
import { withPostgres } from '../src/postgres.ts'
import { withPrisma } from '../src/prisma.ts'
import type { Invoice, Receiver } from '../src/receiver.ts'

const secret = generateSecret()
let server: PostgresServer

before(async () => {
  assert.ok(postgresIsInstalled, 'PostgreSQL is not installed')
  server = await startPostgres()
  await server.admin('CREATE TABLE payments (id serial PRIMARY KEY, invoice_id text NOT NULL)')
})
after(() => server.close())

const libraries = { withPg, withPostgres, withDrizzle, withPrisma, withKysely, withKnex }
for (const [name, connect] of Object.entries(libraries)) {
  describe(name, () => {
    let receiver: Receiver
    before(async () => {
      receiver = connect(server.url)
      await receiver.store.migrate()
    })
    after(() => receiver.close())

    async function deliveryOf(invoiceId: string): Promise<() => Request> {
      const id = `msg_${name}_${invoiceId}`
      const delivery = await signedRequest({ secret, id, payload: { invoiceId } })
      return () => delivery.toRequest('https://example.com/webhooks')
    }

    function receive(work: (webhook: Webhook<Invoice>) => Promise<void>) {
      return webhookHandler<Invoice>({ secret, idempotency: receiver.store }, async (webhook) => {
        await work(webhook)
        return new Response(null, { status: 204 })
      })
    }

    async function payments(invoiceId: string): Promise<number> {
      const rows = await server.admin('SELECT 1 FROM payments WHERE invoice_id = $1', [invoiceId])
      return rows.length
    }

    test('a delivery is handled once, and known when it comes again', async () => {
      const invoiceId = `once_${name}`
      const request = await deliveryOf(invoiceId)
      const handle = receive((webhook) => receiver.recordPayment(webhook))
      assert.equal((await handle(request())).status, 204)
      assert.equal((await handle(request())).status, 200)
      assert.equal(await payments(invoiceId), 1)
    })

    test('a claim that was lost rolls the work back', async () => {
      const invoiceId = `lost_${name}`
      const request = await deliveryOf(invoiceId)
      const losing = receive(async (webhook) => {
        const key = [webhook.claim?.key]
        await server.admin(`UPDATE countersign_deliveries SET token = 'other' WHERE key = $1`, key)
        await assert.rejects(receiver.recordPayment(webhook), { code: 'claim_lost' })
        throw new Error('as a handler that does not catch it')
      })
      await losing(request()).catch(() => {})
      assert.equal(await payments(invoiceId), 0)
      await server.admin(`UPDATE countersign_deliveries SET until = now() WHERE token = 'other'`)
      const handle = receive((webhook) => receiver.recordPayment(webhook))
      assert.equal((await handle(request())).status, 204)
      assert.equal(await payments(invoiceId), 1)
    })

    test('a process that dies after the transaction leaves a delivery that is done', async () => {
      const invoiceId = `died_${name}`
      const request = await deliveryOf(invoiceId)
      const dying = receive(async (webhook) => {
        await receiver.recordPayment(webhook)
        throw new Error('before the answer')
      })
      await dying(request()).catch(() => {})
      const handle = receive((webhook) => receiver.recordPayment(webhook))
      assert.equal((await handle(request())).status, 200)
      assert.equal(await payments(invoiceId), 1)
    })
  })
}
