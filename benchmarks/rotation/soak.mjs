// Rotations, outages and a flood of forgeries over real sockets. Exits non-zero when anything was lost, wrongly refused or wrongly accepted.
//   npm run soak -- --seconds 60 --flood 180
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { faultNames, startAccount } from './account.mjs'
import { createSender, sleep } from './sender.mjs'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    flood: { type: 'string' },
    lanes: { type: 'string', default: '32' },
  },
})
const seconds = Number(values.seconds)
// Calls a minute after the first minute want a few minutes: the short run leaves that out.
const flood = Number(values.flood ?? (seconds < 60 ? 0 : 180))
const OVERLAP = 10
const MOST_OPEN = 2_000
const CALLS_A_MINUTE = 2

/** The receiver as a process, and one question at a time to it. */
async function startReceiver(options) {
  const child = fork(
    fileURLToPath(new URL('receiver.mjs', import.meta.url)),
    [JSON.stringify(options)],
    { execArgv: ['--expose-gc'] },
  )
  const next = () => new Promise((resolve) => child.once('message', resolve))
  const { port } = await next()
  return {
    port,
    tell: (command) => child.send(command),
    async report() {
      const answer = next()
      child.send('report')
      return await answer
    },
    close: () => child.disconnect(),
  }
}

/** Repeats in several lanes until the time is up. */
async function inLanes(lanes, until, work) {
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      while (Date.now() < until) await work(lane)
    }),
  )
}

/** A delivery that waits for its retry must not hold up its lane. */
async function deliverOnce(sender, lane) {
  // What is tried again is load as well: more on top of it would only measure a queue.
  while (sender.open() > MOST_OPEN) await sleep(10)
  const inTransit = lane % 8 === 0 ? Math.random() * 1500 : 0
  await Promise.race([sender.deliver({ transit: inTransit }), sleep(20)])
}

/** Rotations every second; the account answers well and badly by turns. */
async function disturb(account, receiver, until) {
  for (let second = 0; Date.now() < until; second += 1) {
    account.fail(second % 3 === 2 ? faultNames[((second - 2) / 3) % faultNames.length] : undefined)
    if (second % 10 === 5) receiver.tell('rotate')
    else account.rotate()
    await sleep(1000)
  }
  account.fail(undefined)
}

async function chaos({ account, receiver, sender }) {
  const until = Date.now() + seconds * 1000
  const before = account.calls.length
  const lanes = Number(values.lanes)
  await Promise.all([
    inLanes(lanes, until, (lane) => deliverOnce(sender, lane)),
    inLanes(lanes, until, () => sender.forge()),
    disturb(account, receiver, until),
  ])
  const drained = Date.now() + 90_000
  while (sender.open() && Date.now() < drained) await sleep(100)
  return { lost: sender.open(), calls: account.calls.length - before }
}

/** Nothing but forgeries, and an account that is well: how many calls in any minute after the first? */
async function callsUnderFlood({ account, sender }) {
  const began = Date.now()
  await inLanes(8, began + flood * 1000, () => sender.forge())
  const calls = account.calls.filter((at) => at >= began + 60_000)
  const inMinute = calls.map(
    (start) => calls.filter((at) => at >= start && at < start + 60_000).length,
  )
  return {
    firstMinute: account.calls.filter((at) => at >= began && at < began + 60_000).length,
    most: Math.max(0, ...inMinute),
  }
}

/** What the first delivery after a rotation waits for, against one whose key is known. */
async function latencies({ account, sender }) {
  const known = []
  const rotated = []
  for (let round = 0; round < 200; round += 1) {
    known.push(await sender.deliver())
    account.rotate()
    rotated.push(await sender.deliver())
  }
  const at = (list, share) => [...list].sort((a, b) => a - b)[Math.floor(share * (list.length - 1))]
  return [0.5, 0.99].map((share) => ({
    known: at(known, share).toFixed(2),
    added: (at(rotated, share) - at(known, share)).toFixed(2),
  }))
}

const token = 'soak'
const account = await startAccount(token)
const receiver = await startReceiver({ token, baseUrl: account.baseUrl, overlap: OVERLAP })
const sender = createSender({ port: receiver.port, secret: account.secret })
const parts = { account, receiver, sender }

await sleep(1500)
const [p50, p99] = await latencies(parts)
await sleep(OVERLAP * 1000)
const before = await receiver.report()
const chaotic = await chaos(parts)
const flooded = flood > 60 ? await callsUnderFlood(parts) : undefined
await sleep(OVERLAP * 1000)
const after = await receiver.report()
sender.close()
receiver.close()
account.close()

const { counts } = sender
const refused = Object.values(counts.refused).reduce((sum, count) => sum + count, 0)
const megabytes = (bytes) => (bytes / 1_048_576).toFixed(1)
const results = [
  ['seconds of rotations, outages and forgeries', seconds],
  ['authentic deliveries sent', counts.sent],
  ['accepted first time', counts.first],
  ['accepted after a retry', counts.retried],
  ['lost', chaotic.lost, 0],
  ['authentic answered 4xx', refused, 0],
  ['forgeries sent', counts.forged],
  ['forgeries answered', JSON.stringify(counts.forgeries)],
  ['forgeries accepted', counts.forgeriesAccepted, 0],
  ['unhandled rejections', after.unhandled, 0],
  ['account calls a minute, one rotation a second', Math.round((chaotic.calls * 60) / seconds)],
  [
    'account calls in the first minute of a flood',
    flooded?.firstMinute ?? 'not measured (--flood)',
  ],
  [
    'most account calls in a later minute of a flood',
    flooded?.most ?? 'not measured (--flood)',
    CALLS_A_MINUTE,
  ],
  ['known key, p50 / p99 (ms)', `${p50.known} / ${p99.known}`],
  ['added by a refresh, p50 / p99 (ms)', `${p50.added} / ${p99.added}`],
  ['heap before / after (MiB)', `${megabytes(before.heapUsed)} / ${megabytes(after.heapUsed)}`],
  ['errors that onError was told', JSON.stringify(after.reasons)],
]
for (const [name, value, most] of results) {
  console.log(`${name}: ${value}${most === undefined ? '' : ` (at most ${most})`}`)
}
const failed = results.filter(([, value, most]) => typeof value === 'number' && value > most)
if (failed.length > 0) {
  console.error(`failed: ${failed.map(([name]) => name).join(', ')}`)
  process.exitCode = 1
}
