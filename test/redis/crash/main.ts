// Several processes share one Redis and are killed in the middle of handlers. Every delivery is sent several times at once, and again until it is
// answered 2xx. Redis is killed once. Prints the counts; fails if a delivery was not handled, or was handled twice without a crash that explains it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { redisIsInstalled, startRedis } from '../redis-server.js'
import { audit } from './audit.js'
import { PLAN, SECRET } from './plan.js'
import { type Answers, deliver } from './sender.js'
import { startWorkers } from './workers.js'

if (!redisIsInstalled) process.exit(0)

const folder = mkdtempSync(join(tmpdir(), 'countersign-crash-'))
const redis = await startRedis('--appendonly', 'yes', '--appendfsync', 'always')
const workers = await startWorkers(PLAN.processes, {
  folder,
  file: fileURLToPath(new URL('worker.mjs', import.meta.url)),
  setup: (place, ledger) => {
    const library = place % 2 === 0 ? 'redis' : 'ioredis'
    return { ledger, redisPort: redis.port, library, secret: SECRET, plan: PLAN }
  },
})
const answers: Answers = new Map()
const begun = performance.now()

let sent = 0
let unanswered = 0
let kills = 0
let isRunning = true

/** How much of the whole is over. */
function progress(): number {
  return Math.max(sent / PLAN.deliveries, (performance.now() - begun) / PLAN.patience)
}

async function sendSome(): Promise<void> {
  while (progress() < 1) unanswered += await deliver(`msg_${sent++}`, workers, answers)
}

async function killNowAndThen(): Promise<void> {
  while (isRunning) {
    await sleep(PLAN.killEvery)
    if (!isRunning) return
    if (workers.killOne()) kills++
  }
}

async function restartRedisOnce(): Promise<void> {
  while (progress() < 0.5) await sleep(20)
  redis.signal('SIGKILL')
  await redis.restart()
}

const senders = Array.from({ length: PLAN.sideBySide }, sendSome)
const trouble = [killNowAndThen(), restartRedisOnce()]
await Promise.all(senders)
isRunning = false
await Promise.all(trouble)

// A done delivery stays done for every later sender.
const replays: Answers = new Map()
for (let i = 0; i < 50; i++) {
  unanswered += await deliver(`msg_${Math.floor((i / 50) * sent)}`, workers, replays)
}
const keys = await redis.admin.dbsize()
workers.close()
await redis.close()

const { unexcused, ...counts } = audit(workers.all)
console.log({
  seconds: Math.round((performance.now() - begun) / 1000),
  deliveries: sent,
  copies: sent * PLAN.copies,
  answers: Object.fromEntries([...answers].sort()),
  replays: Object.fromEntries([...replays].sort()),
  processes: { started: workers.all.length, killed: kills, crashed: workers.crashes() },
  redisRestarts: 1,
  keys,
  copiesNeverAnswered2xx: unanswered,
  ...counts,
  unexcused: unexcused.length,
})
const isRight =
  unanswered === 0 && counts.handled === sent && unexcused.length === 0 && workers.crashes() === 0
if (isRight) rmSync(folder, { recursive: true })
else console.error('not as it should be; what the processes wrote down is in', folder)
process.exit(isRight ? 0 : 1)
