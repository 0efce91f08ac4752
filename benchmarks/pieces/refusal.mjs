// What it costs to refuse a delivery of 1 KiB, against accepting one: `check` alone, and over HTTP.
import { createVerifier } from 'countersign'
import { timed, timeRatio } from '../compare.mjs'
import { jsonBody, SECRET, signedHeaders } from '../delivery.mjs'
import { processorTime } from '../processor.mjs'

export const contestants = {
  authentic: () => contestant({}, true),
  stale: () => contestant({ timestamp: String(Math.floor(Date.now() / 1000) - 3600) }, false),
  malformed: () => contestant({ timestamp: 'yesterday' }, false),
}

function contestant(options, accepts) {
  const { check } = createVerifier({ secret: SECRET })
  const body = jsonBody(1024)
  const headers = signedHeaders(body, options)
  return {
    async run() {
      const { ok } = await check(body, headers)
      if (ok !== accepts) throw new Error(`ok is ${ok}`)
    },
  }
}

export async function run() {
  const row = (kind) =>
    timeRatio({
      measure: `refusing on headers alone (${kind}), 1 KiB, \`check\`, against accepting`,
      ours: timed('refusal', kind),
      theirs: timed('refusal', 'authentic'),
      most: 1,
    })
  const overHttp = (measure, kind) =>
    timeRatio({
      measure: `${measure}, 1 KiB, over HTTP (Express 5, server processor time), against accepting`,
      ours: processorTime('express', 'verifyWebhook', kind),
      theirs: processorTime('express', 'verifyWebhook'),
      most: 1,
    })
  return {
    rows: [
      await row('stale'),
      await row('malformed'),
      await overHttp('refusing on headers alone (stale)', 'stale'),
      await overHttp('refusing on headers alone (malformed)', 'malformed'),
      await overHttp('refusing a forgery', 'forged'),
    ],
  }
}
