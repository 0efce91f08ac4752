// A delivery through Hono with telemetry() and a meter that does nothing, against one without.
import { createNoopMeter } from '@opentelemetry/api'
import { verifyWebhook } from 'countersign/hono'
import { telemetry } from 'countersign/otel'
import { Hono } from 'hono'
import { timed, timeRatio } from '../compare.mjs'
import { jsonBody, SECRET, signedHeaders } from '../delivery.mjs'

export const contestants = {
  without: () => contestant({}),
  'with telemetry': () => contestant(telemetry({ meter: createNoopMeter() })),
}

function contestant(observers) {
  const app = new Hono()
  app.post('/webhooks', verifyWebhook({ secret: SECRET, ...observers }), (c) => c.body(null, 204))
  const body = jsonBody(1024)
  const headers = { ...signedHeaders(body), 'content-type': 'application/json' }
  return {
    async run() {
      const response = await app.request('/webhooks', { method: 'POST', headers, body })
      if (response.status !== 204) throw new Error(`answered ${response.status}`)
    },
  }
}

export async function run() {
  const row = await timeRatio({
    measure: 'a delivery through Hono with telemetry() against one without, 1 KiB',
    ours: timed('telemetry', 'with telemetry'),
    theirs: timed('telemetry', 'without'),
    most: 1.15,
  })
  return { rows: [row] }
}
