// Heap growth in a process of its own: `node --expose-gc grow.mjs <contestant> <deliveries>` prints bytes.
import { createVerifier } from 'countersign'
import { verifyByHand } from './baselines.mjs'
import { jsonBody, SECRET, signature, signedHeaders, WRONG_SECRETS } from './delivery.mjs'

const contestants = {
  ours: () => createVerifier({ secret: SECRET }),
  hand: () => verifyByHand(SECRET),
}
const [name, deliveries] = process.argv.slice(2)
const verify = contestants[name]()
const body = jsonBody(300)
let sent = 0

async function deliver(times) {
  let accepted = 0
  const timestamp = String(Math.floor(Date.now() / 1000))
  for (let index = 0; index < times; index++) {
    const id = `msg_${sent++}`
    const secret = sent % 10 === 0 ? WRONG_SECRETS[0] : SECRET
    const headers = signedHeaders(body, {
      id,
      timestamp,
      signature: signature(secret, id, timestamp, body),
    })
    try {
      await verify(body, headers)
      accepted++
    } catch {}
  }
  if (accepted !== times * 0.9) throw new Error(`${accepted} of ${times} were accepted`)
}

/** After several collections, and a turn of the loop between them for what is freed late. */
async function heapUsed() {
  for (let index = 0; index < 5; index++) {
    gc()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return process.memoryUsage().heapUsed
}

await deliver(200_000)
const before = await heapUsed()
for (let part = 0; part < 10; part++) await deliver(deliveries / 10)
console.log((await heapUsed()) - before)
