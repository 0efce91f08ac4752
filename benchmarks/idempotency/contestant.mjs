// One measurement in a process of its own: `contestant.mjs <name> <side by side> <seconds> <wall|cpu> [redis port]`.
// Prints nanoseconds per delivery, by the clock or of this process's processor time (which other programs do not touch).
import { createSigner } from '../../dist/esm/src/sign.js'
import { CONTESTANTS } from './contestants.mjs'

const [name, sideBySide, seconds, kind, port] = process.argv.slice(2)
const SECRET = 'wh_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo='
const IDS = 5_000

const sign = createSigner({ secret: SECRET })
const body = Buffer.from(JSON.stringify({ type: 'user.created', data: { text: 'x'.repeat(900) } }))
const deliveries = []
for (let i = 0; i < IDS; i++) {
  const id = `msg_${process.pid}_${String(i).padStart(19, '0')}`
  deliveries.push({ id, body, headers: await sign(body, { id }) })
}

// Every pass over the ids is an endpoint of its own, so that no delivery is ever a duplicate.
let pass = 0
const { handle, close } = await CONTESTANTS[name]({
  secret: SECRET,
  scope: ({ pass }) => `/webhooks/${pass}`,
  port: Number(port),
})

let handled = 0
async function lane(until) {
  while (performance.now() < until) {
    const place = handled++ % IDS
    if (place === 0) pass++
    await handle(deliveries[place], { pass })
  }
}
async function run(milliseconds) {
  handled = 0
  const begun = performance.now()
  const used = process.cpuUsage()
  await Promise.all(Array.from({ length: Number(sideBySide) }, () => lane(begun + milliseconds)))
  const { user, system } = process.cpuUsage(used)
  const time = { wall: (performance.now() - begun) * 1e6, cpu: (user + system) * 1e3 }
  return time[kind] / handled
}

// Until the code is warm, however busy the machine is.
for (let warm = 0; warm < 2 * IDS; warm += handled) await run(300)
console.log(await run(seconds * 1000))
close()
