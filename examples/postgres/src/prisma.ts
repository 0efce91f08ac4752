import { PrismaPg } from '@prisma/adapter-pg'
import { postgresStore } from 'countersign/postgres'
import pg from 'pg'
import { PrismaClient } from '../generated/client.ts'
import type { Receiver } from './receiver.js'

export function withPrisma(url: string): Receiver {
  const pool = new pg.Pool({ connectionString: url })
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) })
  const store = postgresStore(pool)
  return {
    store,
    recordPayment: (webhook) =>
      prisma.$transaction(async (tx) => {
        await tx.payment.create({ data: { invoiceId: webhook.payload.invoiceId } })
        await store.commitWith((query, params) => tx.$queryRawUnsafe(query, ...params), webhook)
      }),
    async close() {
      await prisma.$disconnect()
      await pool.end()
    },
  }
}
