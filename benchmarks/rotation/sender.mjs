// An honest sender (signs every attempt with the key of the moment, tries again when asked to) and a forger.
import { Agent, request } from 'node:http'
import { createSigner, generateSecret } from './built.mjs'

const body = Buffer.from(JSON.stringify({ type: 'soak.event', data: 'x'.repeat(500) }))
const LONGEST_RETRY = 2_000

export function createSender({ port, secret }) {
  const agent = new Agent({ keepAlive: true })
  const slots = createSlots(128)
  const signers = new Map()
  const signer = (key) => {
    if (!signers.has(key)) signers.set(key, createSigner({ secret: key }))
    return signers.get(key)
  }
  const forger = createSigner({ secret: generateSecret() })
  const counts = {
    sent: 0,
    first: 0,
    retried: 0,
    refused: {},
    forged: 0,
    forgeriesAccepted: 0,
    forgeries: {},
  }
  const open = new Set()
  let closed = false

  function post(headers, content) {
    return new Promise((resolve) => {
      const options = { agent, port, host: '127.0.0.1', path: '/webhooks', method: 'POST', headers }
      const sent = request(options, (response) => {
        response.resume()
        response.on('end', () =>
          resolve({
            status: response.statusCode,
            retryAfter: Number(response.headers['retry-after']),
          }),
        )
      })
      sent.on('error', () => resolve({ status: 0 }))
      sent.end(content)
    })
  }

  /** Signed now, on its way for `transit` milliseconds. Resolves to the milliseconds its first attempt took. */
  async function deliver({ transit = 0 } = {}) {
    const delivery = {}
    open.add(delivery)
    counts.sent += 1
    const id = `msg_${counts.sent}`
    let took = 0
    for (let attempts = 1; !closed; attempts += 1) {
      // Signed when a connection is free: what waits here for a connection is not yet under way.
      await slots.take()
      const headers = await signer(secret())(body, { id })
      if (transit) await sleep(transit)
      const began = performance.now()
      const { status, retryAfter = 1 } = await post(headers, body)
      slots.give()
      if (attempts === 1) took = performance.now() - began
      if (status === 204) {
        counts[attempts === 1 ? 'first' : 'retried'] += 1
        open.delete(delivery)
        break
      }
      if (status >= 400 && status < 500) counts.refused[status] = (counts.refused[status] ?? 0) + 1
      await sleep(Math.min((retryAfter || 1) * 1000, LONGEST_RETRY) * (0.5 + Math.random()))
    }
    return took
  }

  /** A wrong key, or a right signature over other bytes. */
  async function forge() {
    counts.forged += 1
    const tampers = counts.forged % 3 === 0
    const headers = await (tampers ? signer(secret()) : forger)(body)
    const { status } = await post(headers, tampers ? Buffer.from('{"type":"forged"}') : body)
    counts.forgeries[status] = (counts.forgeries[status] ?? 0) + 1
    if (status >= 200 && status < 300) counts.forgeriesAccepted += 1
  }

  return {
    counts,
    deliver,
    forge,
    /** Deliveries that are not accepted yet. */
    open: () => open.size,
    close() {
      closed = true
      agent.destroy()
    },
  }
}

/** At most so many at a time; the others wait in line. */
function createSlots(free) {
  const line = []
  return {
    take() {
      free -= 1
      return free >= 0 ? undefined : new Promise((resolve) => line.push(resolve))
    },
    give() {
      free += 1
      line.shift()?.()
    },
  }
}

export function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
