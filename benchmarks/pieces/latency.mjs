// p99 latency of an Express route at half its capacity, garbage collection included, against the hand-written route at the same rate.
import { compare } from '../compare.mjs'
import { connect, requestBytes, sendMany } from '../requests.mjs'
import { withServer } from '../server.mjs'
import { duration } from '../statistics.mjs'

const SECONDS = 4
const COUNT = 10_000
const MOST = 1.05

/** Requests per second of the hand-written route, as fast as they are answered. */
function capacity() {
  return withServer('express', 'hand', async (port) => {
    await sendMany(port, 'authentic', COUNT)
    const start = performance.now()
    await sendMany(port, 'authentic', COUNT)
    return (COUNT / (performance.now() - start)) * 1000
  })
}

function p99(contestant, perSecond) {
  return () =>
    withServer('express', contestant, async (port) => {
      await sendMany(port, 'authentic', COUNT)
      const latencies = await sendAtRate(port, perSecond)
      latencies.sort((a, b) => a - b)
      return latencies[Math.floor(latencies.length * 0.99)] * 1e6
    })
}

/** Sends at a fixed rate, whatever the server does. A latency counts from the moment when the request was due. */
function sendAtRate(port, perSecond) {
  const request = requestBytes('authentic')
  const total = Math.floor(perSecond * SECONDS)
  const idle = []
  const latencies = []
  const start = performance.now()
  let sent = 0
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * perSecond))
      const now = performance.now()
      for (; sent < due; sent++) send(now)
    }, 1)

    function send(now) {
      const connection = idle.pop() ?? connect(port)
      connection.exchange(request, () => {
        latencies.push(performance.now() - now)
        idle.push(connection)
        if (latencies.length < total) return
        clearInterval(timer)
        for (const each of idle) each.close()
        resolve(latencies)
      })
    }
  })
}

export async function run() {
  const perSecond = Math.round((await capacity()) / 2)
  const { first, second, ratio } = await compare(
    p99('verifyWebhook', perSecond),
    p99('hand', perSecond),
  )
  return {
    rows: [
      {
        measure: `p99 latency of an Express 5 route at half its capacity (${perSecond}/s), 1 KiB, against the hand-written route`,
        ours: duration(first),
        theirs: duration(second),
        ratio: `${ratio.toFixed(2)} ×`,
        target: `≤ ${MOST} ×`,
        met: ratio <= MOST,
      },
    ],
  }
}
