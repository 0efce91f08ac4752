// Cold start of a Worker: from the start of workerd to the answer to the first delivery, against the same Worker written by hand.
import { compare, ROUNDS } from '../compare.mjs'
import { jsonBody, signedHeaders } from '../delivery.mjs'
import { duration } from '../statistics.mjs'
import { bundled, whenListening } from '../workerd.mjs'

const MOST = 1.1
const STARTS = ROUNDS * 4

async function firstAnswer(worker) {
  const body = jsonBody(1024)
  const { connection, host, ...headers } = signedHeaders(body)
  const start = process.hrtime.bigint()
  return worker.run(async (url) => {
    const { status } = await whenListening(() => fetch(url, { method: 'POST', headers, body }), 1)
    if (status !== 204) throw new Error(`answered ${status}`)
    return Number(process.hrtime.bigint() - start)
  })
}

export async function run() {
  const [ours, hand] = await Promise.all(['workers/ours.mjs', 'workers/hand.mjs'].map(bundled))
  try {
    const { first, second, ratio } = await compare(
      () => firstAnswer(ours),
      () => firstAnswer(hand),
      STARTS,
    )
    return {
      rows: [
        {
          measure:
            'cold start of a Worker (workerd), from its start to the first answer, 1 KiB, against the same Worker written by hand',
          ours: duration(first),
          theirs: duration(second),
          ratio: `${ratio.toFixed(2)} ×`,
          target: `≤ ${MOST} ×`,
          met: ratio <= MOST,
        },
      ],
    }
  } finally {
    for (const worker of [ours, hand]) worker.remove()
  }
}
