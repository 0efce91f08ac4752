import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { SECRET } from '../../redis/crash/plan.js'
import { type Answers, deliver } from '../../redis/crash/sender.js'
import { startWorkers } from '../../redis/crash/workers.js'
import type { PostgresServer } from '../postgres-server.js'
import { type Outage, unexcused } from './audit.js'
import { deliverBatch } from './batches.js'
import { PLAN } from './plan.js'

/**
 * Several processes behind one Postgres, killed and stopped in the middle of handlers; every delivery sent several times at once and
 * again until it is answered 2xx; the server crashing now and then. Prints the counts; `false` if the promise is broken.
 */
export async function crash(server: PostgresServer, isExact: boolean): Promise<boolean> {
  await server.admin('DROP TABLE IF EXISTS work, countersign_deliveries')
  await server.admin('CREATE TABLE work (id text NOT NULL)')
  const { postgresStore } = await import('countersign/postgres')
  await server.admin(postgresStore({ query: async () => [] }).schema)

  const folder = mkdtempSync(join(tmpdir(), 'countersign-crash-'))
  const workers = await startWorkers(PLAN.processes, {
    folder,
    file: fileURLToPath(new URL('worker.mjs', import.meta.url)),
    setup(place, ledger) {
      const library = place % 2 === 0 ? 'pg' : 'postgres'
      return { ledger, url: server.url, library, isExact, secret: SECRET, plan: PLAN }
    },
  })
  const begun = performance.now()
  const seconds = (): number => (performance.now() - begun) / 1000
  const answers: Answers = new Map()
  const outages: Outage[] = []
  const count = { sent: 0, unanswered: 0, killed: 0, stopped: 0 }
  let isRunning = true

  async function sendSome(): Promise<void> {
    while (count.sent < PLAN.deliveries && seconds() < PLAN.seconds) {
      if (PLAN.batch === 1) {
        count.unanswered += await deliver(`msg_${count.sent++}`, workers, answers)
        continue
      }
      const size = Math.min(PLAN.batch, PLAN.deliveries - count.sent)
      const ids = Array.from({ length: size }, () => `msg_${count.sent++}`)
      count.unanswered += await deliverBatch(ids, workers, answers)
    }
  }
  async function every(milliseconds: number, trouble: () => unknown): Promise<void> {
    while (isRunning) {
      await sleep(milliseconds)
      if (isRunning) await trouble()
    }
  }
  async function crashServer(): Promise<void> {
    const from = Date.now()
    await server.crash()
    await server.restart()
    outages.push({ from, to: Date.now() })
  }

  const senders = Array.from({ length: PLAN.sideBySide }, sendSome)
  const trouble = [
    every(PLAN.killEvery, () => workers.killOne() && count.killed++),
    every(PLAN.pauseEvery, async () => (await workers.pauseOne(PLAN.pause)) && count.stopped++),
    every(PLAN.crashEvery, crashServer),
  ]
  await Promise.all(senders)
  isRunning = false
  await Promise.all(trouble)
  workers.close()

  const endedByClient = (): number =>
    workers.all.filter(({ killedAt }) => killedAt !== undefined).length - count.killed
  const rows = await server.admin<{ id: string; times: number }>(
    'SELECT id, count(*)::int AS times FROM work GROUP BY id',
  )
  const twice = rows.filter(({ times }) => times > 1).map(({ id }) => id)
  const lost = count.sent - rows.length
  const wrong = isExact ? twice : unexcused(twice, workers.all, outages)
  console.log(isExact ? 'with commitWith' : 'without commitWith', {
    seconds: Math.round(seconds()),
    deliveries: count.sent,
    copies: count.sent * PLAN.copies,
    answers: Object.fromEntries([...answers].sort()),
    processes: {
      started: workers.all.length,
      killed: count.killed,
      endedByTheirClient: endedByClient(),
      crashed: workers.crashes(),
    },
    stoppedPastTheLease: count.stopped,
    serverCrashes: outages.length,
    copiesNeverAnswered2xx: count.unanswered,
    lost,
    twice: twice.length,
    ...(isExact ? {} : { twiceWithoutReason: wrong.length }),
  })
  const isRight =
    lost === 0 && wrong.length === 0 && count.unanswered === 0 && workers.crashes() === 0
  if (isRight) rmSync(folder, { recursive: true })
  else console.error('not as it should be; what the processes wrote down is in', folder, wrong)
  return isRight
}
