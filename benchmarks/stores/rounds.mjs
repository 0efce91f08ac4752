// One process: `rounds.mjs <client> <address> <side by side> <rounds> <milliseconds> [contestant…]`.
// Prints, as JSON, what each round measured for each contestant, in nanoseconds per delivery: `wall` by the clock,
// `client` of this process's processor, `server` of the processor of the server's processes that work for it.
import { readFileSync } from 'node:fs'
import { OPEN } from './contestants.mjs'

const [client, address, ...rest] = process.argv.slice(2)
const [sideBySide, rounds, milliseconds] = rest.slice(0, 3).map(Number)
const { contestants, pids, close } = await OPEN[client](address, sideBySide)
const names = rest.length > 3 ? rest.slice(3) : Object.keys(contestants)

let count = 0
function nextKey() {
  return `/webhooks msg_${process.pid}_${String(count++).padStart(19, '0')}`
}

async function measure(handle) {
  const first = count
  const server = serverTime()
  const client = process.cpuUsage()
  const begun = performance.now()
  await Promise.all(Array.from({ length: sideBySide }, lane))
  const wall = (performance.now() - begun) * 1e6
  const { user, system } = process.cpuUsage(client)
  const times = { wall, client: (user + system) * 1e3, server: serverTime() - server }
  for (const kind of Object.keys(times)) times[kind] /= count - first
  return times

  async function lane() {
    while (performance.now() < begun + milliseconds) await handle(nextKey())
  }
}

/** Nanoseconds on a processor so far; Linux counts them for each process. */
function serverTime() {
  const file = (pid) => readFileSync(`/proc/${pid}/schedstat`, 'utf8')
  return pids.reduce((sum, pid) => sum + Number(file(pid).split(' ')[0]), 0)
}

// Until the code is warm, and each connection has prepared its statements and made its lasting plans.
for (const name of names) for (let i = 0; i < 3; i++) await measure(contestants[name])

const results = []
for (let round = 0; round < rounds; round++) {
  const times = {}
  for (const name of round % 2 ? names.toReversed() : names) {
    times[name] = await measure(contestants[name])
  }
  results.push(times)
}
console.log(JSON.stringify(results))
await close()
