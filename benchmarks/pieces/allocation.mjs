// Bytes that an accepted delivery allocates, against the hand-written code: `verify` alone, and an Express route.
import { createVerifier } from 'countersign'
import { verifyByHand } from '../baselines.mjs'
import { compare, numberFrom } from '../compare.mjs'
import { jsonBody, SECRET, signedHeaders } from '../delivery.mjs'
import { sendMany } from '../requests.mjs'
import { withServer } from '../server.mjs'

const MOST = 1.5
// Room for everything that is allocated between two readings, so that no collection falls between them.
const FLAGS = ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512']

export const contestants = {
  ours: () => contestant(createVerifier({ secret: SECRET })),
  hand: () => {
    const verify = verifyByHand(SECRET)
    return contestant(async (body, headers) => {
      await verify(body, headers)
      return JSON.parse(body.toString())
    })
  },
}

function contestant(verify) {
  const body = jsonBody(1024)
  const headers = signedHeaders(body)
  return { run: () => verify(body, headers) }
}

const allocated = (name) => () =>
  numberFrom(process.execPath, [...FLAGS, 'allocate.mjs', 'allocation', name])

const WARM_UP = 10_000
const COUNT = 2_000

const allocatedOverHttp = (name) => () =>
  withServer(
    'express',
    name,
    async (port, server) => {
      const bytes = (message) =>
        new Promise((resolve) => {
          server.once('message', resolve)
          server.send(message)
        })
      await sendMany(port, 'authentic', WARM_UP)
      const before = await bytes('collect')
      await sendMany(port, 'authentic', COUNT)
      return ((await bytes('read')) - before) / COUNT
    },
    FLAGS,
  )

async function row(measure, ours, theirs) {
  const { first, second, ratio } = await compare(ours, theirs)
  return {
    measure: `bytes allocated per accepted delivery, 1 KiB, JSON parsed: ${measure}`,
    ours: `${Math.round(first)} B`,
    theirs: `${Math.round(second)} B`,
    ratio: `${ratio.toFixed(2)} ×`,
    target: `≤ ${MOST} ×`,
    met: ratio <= MOST,
  }
}

export async function run() {
  return {
    rows: [
      await row(
        '`verify`, against hand-written `node:crypto` and `JSON.parse`',
        allocated('ours'),
        allocated('hand'),
      ),
      await row(
        'Express 5 with `verifyWebhook`, against the route by hand',
        allocatedOverHttp('verifyWebhook'),
        allocatedOverHttp('hand'),
      ),
    ],
  }
}
