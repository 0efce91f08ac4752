// One process, one contender: verifies the same delivery for a while and prints how many per second.

import { createSigner } from '../../src/sign.js'
import { createVerifier } from '../../src/verify.js'

const [contender = '', size = '1024'] = process.argv.slice(2)
const SECRET = 'wh_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo='
const body = new TextEncoder().encode(JSON.stringify('x'.repeat(Number(size) - 2)))
const headers = new Headers(await createSigner({ secret: SECRET })(body))

/** What one would write by hand: the three headers, the clock, one `subtle.verify`, `JSON.parse`. */
async function createByHand(): Promise<() => Promise<unknown>> {
  const decode = (text: string) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const raw = decode(SECRET.slice(3))
  const key = await crypto.subtle.importKey('raw', raw, algorithm, false, ['verify'])
  const encoder = new TextEncoder()
  return async () => {
    const id = headers.get('webhook-id')
    const timestamp = headers.get('webhook-timestamp')
    const signature = headers.get('webhook-signature') ?? ''
    if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) throw new Error('stale')
    const prefix = encoder.encode(`${id}.${timestamp}.`)
    const content = new Uint8Array(prefix.length + body.length)
    content.set(prefix)
    content.set(body, prefix.length)
    const isRight = await crypto.subtle.verify('HMAC', key, decode(signature.slice(3)), content)
    if (!isRight) throw new Error('forged')
    return JSON.parse(new TextDecoder().decode(body))
  }
}

function createOurs(): () => Promise<unknown> {
  const verify = createVerifier({ secret: SECRET })
  return () => verify(body, headers)
}

const run = contender === 'by hand' ? await createByHand() : createOurs()

/** Per second of processor time, so that what else runs on the machine counts as little as possible. */
async function measure(milliseconds: number): Promise<number> {
  const before = process.cpuUsage()
  const begun = performance.now()
  let count = 0
  while (performance.now() - begun < milliseconds) {
    for (let i = 0; i < 20; i++) await run()
    count += 20
  }
  const { user, system } = process.cpuUsage(before)
  return (count * 1e6) / (user + system)
}

await measure(400)
console.log((await measure(600)).toFixed(0))
