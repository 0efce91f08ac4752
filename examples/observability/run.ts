// `tsx examples/observability/run.ts`: a receiver with telemetry, a sender that tries everything, a scrape after each step.
// Writes the last scrape (scrape.txt) and a picture of the dashboard's panels (docs/observability.svg).
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { memoryStore } from 'countersign'
import { accountSecret } from 'countersign/account'
import { verifyWebhook } from 'countersign/express'
import { telemetry } from 'countersign/otel'
import { generateSecret } from 'countersign/sign'
import { fakeAccount, type SignedRequestOptions, signedRequest } from 'countersign/testing'
import express from 'express'
import { draw, type Scrape } from './draw.js'

const exporter = new PrometheusExporter({ preventServerStart: true })
const provider = new MeterProvider({ readers: [exporter] })
const observers = telemetry({ meter: provider.getMeter('countersign') })

const account = await fakeAccount()
const secret = accountSecret({ token: account.token, baseUrl: account.baseUrl, ...observers })
observers.observe(secret)
await secret.refresh()

const app = express()
const verify = verifyWebhook({ secret, idempotency: memoryStore(), ...observers })
app.post('/webhooks', verify, (req, res) => {
  res.sendStatus(Object(req.webhook.payload).fail ? 500 : 204)
})
app.get('/metrics', (req, res) => exporter.getMetricsRequestHandler(req, res))
const server = createServer(app)
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const scrapes: Scrape[] = []
async function scrape(label: string): Promise<void> {
  scrapes.push({ label, text: await (await fetch(`${origin}/metrics`)).text() })
}

async function send(
  times: number,
  options: Partial<SignedRequestOptions> = {},
  headers: Record<string, string> = {},
): Promise<void> {
  for (let sent = 0; sent < times; sent++) {
    const request = await signedRequest({ secret: account.secret, ...options })
    await fetch(`${origin}/webhooks`, {
      method: 'POST',
      headers: { ...request.headers, ...headers },
      body: Buffer.from(request.body),
    })
  }
}

// webhook-timestamp has whole seconds: from the next one on it is certain that the first read came before.
await new Promise((resolve) => setTimeout(resolve, 1000 - (Date.now() % 1000)))
const steps: Record<string, () => Promise<void>> = {
  start: async () => {},
  traffic: () => send(60),
  'sent again': () => send(30, { id: 'msg_again' }),
  stale: () => send(20, { timestamp: Math.floor(Date.now() / 1000) - 900 }),
  forged: () => send(60, { secret: generateSecret() }),
  gzip: () => send(10, {}, { 'content-encoding': 'gzip' }),
  'handler fails': () => send(25, { payload: { fail: true } }),
  rotation: async () => {
    account.rotate()
    await secret.refresh()
    await send(60)
  },
  'account is down': async () => {
    account.script(...Array.from({ length: 20 }, () => ({ status: 503 })))
    await secret.refresh().catch(() => {})
    await send(40, { secret: generateSecret() })
  },
  'traffic again': () => send(60),
}
for (const [label, step] of Object.entries(steps)) {
  await step()
  await scrape(label)
}

const last = scrapes.at(-1)?.text ?? ''
writeFileSync(new URL('scrape.txt', import.meta.url), last)
writeFileSync(new URL('../../docs/observability.svg', import.meta.url), draw(scrapes))
console.log(
  last
    .split('\n')
    .filter((line) => /^countersign_(deliveries|claims|secret|source)/.test(line))
    .join('\n'),
)

secret.close()
server.closeAllConnections()
server.close()
await provider.shutdown()
await account.close()
