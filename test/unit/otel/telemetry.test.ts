import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { DiagLogLevel, diag, type Meter, trace } from '@opentelemetry/api'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'
import { createVerifier, memoryStore, rotatingSecret, WebhookError } from 'countersign'
import { accountSecret } from 'countersign/account'
import { verifyWebhook as forExpress } from 'countersign/express'
import { verifyWebhook as forHono } from 'countersign/hono'
import { webhookHandler as forNode } from 'countersign/node'
import { type TelemetryOptions, telemetry } from 'countersign/otel'
import { generateSecret } from 'countersign/sign'
import { fakeAccount, signedRequest } from 'countersign/testing'
import express from 'express'
import { Hono } from 'hono'
import { createMetrics } from './collected.js'

const secret = generateSecret()
const forged = () => signedRequest({ secret: generateSecret() })

let sdk: ReturnType<typeof createMetrics>
beforeEach(() => {
  sdk = createMetrics()
})
afterEach(() => sdk.close())

const series = (name: string) => sdk.series(`countersign.${name}`)
const metered = (options: TelemetryOptions = {}) => telemetry({ meter: sdk.meter, ...options })

describe('deliveries', () => {
  test('each is counted once, by outcome and code', async () => {
    const { onVerdict } = metered()
    const verify = createVerifier({ secret, onVerdict })
    const { body, headers } = await signedRequest({ secret })
    await verify(body, headers)
    await verify.check(body, headers)
    await verify.check('{}', headers)
    await verify.check(body, {})
    await verify.check(body, (await signedRequest({ secret, timestamp: 1_600_000_000 })).headers)
    expect(await series('deliveries')).toEqual({
      accepted: 2,
      'refused signature_mismatch': 1,
      'header_missing refused': 1,
      'refused timestamp_too_old': 1,
    })
    expect(await series('verification.duration')).toEqual(await series('deliveries'))
  })

  test('ages are those of authentic deliveries only, and never negative', async () => {
    const { onVerdict } = metered()
    const verify = createVerifier({ secret, onVerdict })
    const now = Math.floor(Date.now() / 1000)
    for (const timestamp of [now, now + 100]) {
      const { body, headers } = await signedRequest({ secret, timestamp })
      await verify(body, headers)
    }
    const { body, headers } = await forged()
    await verify.check(body, { ...headers, 'webhook-timestamp': '9'.repeat(30) })
    await verify.check(body, headers)
    expect(await series('delivery.age')).toEqual({ accepted: 2 })
    const age = (await sdk.collect()).find(
      ({ descriptor }) => descriptor.name === 'countersign.delivery.age',
    )
    expect(age?.dataPoints[0]?.value).toMatchObject({
      min: expect.any(Number),
      sum: expect.any(Number),
    })
    expect(Object(age?.dataPoints[0]?.value).min).toBe(0)
  })

  test('sizes are those of the bodies that were read', async () => {
    const { onVerdict } = metered()
    const verify = createVerifier({ secret, onVerdict })
    const { body, headers } = await signedRequest({ secret })
    await verify(body, headers)
    await verify.check({} as never, headers)
    expect(await series('delivery.body.size')).toEqual({ accepted: 1 })
  })

  test('an empty body has a size too', async () => {
    const verify = createVerifier({ secret, onVerdict: metered().onVerdict })
    const { body, headers } = await signedRequest({ secret, body: '' })
    await verify(body, headers)
    expect(await series('delivery.body.size')).toEqual({ accepted: 1 })
  })

  test('a flood of forgeries with ever new ids, paths, codes and keys adds no series', async () => {
    const { onVerdict, onSettled, onError } = metered()
    const context = { request: { url: '' } }
    for (let index = 0; index < 500; index++) {
      const id = `msg_${index}`
      const request = { url: `/${index}` }
      onVerdict({
        outcome: 'refused',
        code: 'signature_mismatch',
        id,
        duration: 0,
        context: { request },
      })
      onVerdict({ outcome: 'accepted', id, keyId: id, duration: 0, context: { request } })
      onVerdict({ outcome: 'refused', code: `mine_${index}` as never, id, duration: 0, context })
      onSettled({ outcome: 'committed', id, duration: 1, status: 200 + index, context })
      onError(Object.assign(new Error(id), { reason: id }))
      onError(id)
    }
    expect(await series('deliveries')).toEqual({
      'refused signature_mismatch': 500,
      accepted: 500,
      '_OTHER refused': 500,
    })
    expect(await series('claims')).toEqual({ committed: 500 })
    expect(await series('source.errors')).toEqual({ _OTHER: 1000 })
  })

  test('attributes of the application are added, to metrics and spans', async () => {
    const seen: unknown[] = []
    const { onVerdict, onSettled } = metered({
      attributes(event) {
        seen.push(event)
        return { tenant: 'a' }
      },
    })
    const verdict = { outcome: 'accepted', duration: 0, context: {} } as const
    const settled = { outcome: 'lost', id: 'msg_1', duration: 2, context: {} } as const
    onVerdict(verdict)
    onSettled(settled)
    expect(await series('deliveries')).toEqual({ 'a accepted': 1 })
    expect(await series('handler.duration')).toEqual({ 'a lost': 1 })
    expect(seen).toEqual([verdict, settled])
  })
})

describe('durations are seconds', () => {
  test('also those of a handler, which has buckets of minutes', async () => {
    const { onSettled, onVerdict } = metered()
    onSettled({ outcome: 'committed', id: 'msg_1', duration: 42, context: {} })
    onVerdict({ outcome: 'accepted', age: 90, bytes: 5000, duration: 0.02, context: {} })
    const all = await sdk.collect()
    const measured = (name: string) =>
      Object(all.find(({ descriptor }) => descriptor.name === `countersign.${name}`)?.dataPoints[0])
        .value
    expect(measured('handler.duration').sum).toBe(42)
    expect(measured('verification.duration').sum).toBe(0.02)
    /** The boundaries around the one value. */
    const around = (name: string): number[] => {
      const { boundaries, counts } = measured(name).buckets
      const place = counts.indexOf(1)
      return boundaries.slice(Math.max(0, place - 1), place + 1)
    }
    expect(around('handler.duration')).toEqual([30, 60])
    expect(around('verification.duration')).toEqual([0.01, 0.025])
    expect(around('delivery.age')).toEqual([60, 120])
    expect(around('delivery.body.size')).toEqual([4096, 16_384])
  })
})

test('instruments are created once', () => {
  const created: string[] = []
  const create = (name: string) => {
    created.push(name)
    return { add() {}, record() {} }
  }
  const meter = {
    createCounter: create,
    createHistogram: create,
    createObservableGauge: create,
    createObservableCounter: create,
  } as unknown as Meter
  const { onVerdict } = telemetry({ meter })
  for (let i = 0; i < 2; i++) onVerdict({ outcome: 'accepted', duration: 0, context: {} })
  expect(created.length).toBeGreaterThan(5)
  expect(new Set(created).size).toBe(created.length)
})

test('a source that has not read its account yet has no age', async () => {
  const stop = metered().observe({
    status: () => ({ age: undefined, nextAttemptIn: 3, refreshes: {} }) as never,
  })
  expect(await series('secret.age')).toEqual({})
  expect(await series('secret.next_attempt')).toEqual({ '': 3 })
  stop()
})

describe('names and units follow the conventions of OpenTelemetry', () => {
  test('every metric is there, with a unit of UCUM and a description', async () => {
    const observers = metered()
    const account = rotatingSecret({ fetch: () => secret, ...observers })
    await account.refresh()
    observers.observe(account)
    const event = { id: 'msg_1', age: 1, bytes: 2, duration: 0, context: {} }
    observers.onVerdict({ outcome: 'refused', code: 'store_unavailable', ...event })
    observers.onVerdict({ outcome: 'accepted', ...event })
    observers.onSettled({ outcome: 'committed', ...event })
    observers.onRotate({ keyIds: [], previousKeyIds: [] })
    observers.onError(new Error('down'))
    const found = (await sdk.collect()).map(({ descriptor: { name, unit } }) => `${name} ${unit}`)
    expect(found.sort()).toEqual([
      'countersign.claims {claim}',
      'countersign.deliveries {delivery}',
      'countersign.delivery.age s',
      'countersign.delivery.body.size By',
      'countersign.handler.duration s',
      'countersign.secret.age s',
      'countersign.secret.next_attempt s',
      'countersign.secret.refreshes {refresh}',
      'countersign.secret.rotations {rotation}',
      'countersign.source.errors {error}',
      'countersign.store.failures {failure}',
      'countersign.verification.duration s',
    ])
    for (const { descriptor } of await sdk.collect()) {
      expect(descriptor.name).toMatch(/^[a-z]+(\.[a-z]+(_[a-z]+)*)+$/)
      expect(descriptor.description).toMatch(/^[A-Z].*\.$/)
    }
    account.close()
  })
})

describe('over real servers, with the real SDK', () => {
  const exporter = new InMemorySpanExporter()
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  provider.register()
  const tracer = provider.getTracer('server')
  afterEach(() => exporter.reset())
  afterAll(() => provider.shutdown())

  const stale = Math.floor(Date.now() / 1000) - 1000
  type Send = (delivery: { headers: object; body: string | Uint8Array }) => Promise<number>

  /** What an HTTP instrumentation does: one span for each request, active while it is handled. */
  const inSpan = <R>(work: () => Promise<R>): Promise<R> =>
    tracer.startActiveSpan('POST /webhooks', async (span) => {
      try {
        return await work()
      } finally {
        span.end()
      }
    })

  const servers: Record<
    string,
    (options: Parameters<typeof forExpress>[0]) => Promise<{ send: Send; close(): void }>
  > = {
    async Express(options) {
      const app = express()
      app.use((_req, res, next) => {
        tracer.startActiveSpan('POST /webhooks', (span) => {
          res.on('close', () => span.end())
          next()
        })
      })
      app.post('/webhooks', forExpress(options), (req, res) => {
        res.sendStatus(Object(req.webhook.payload).fail ? 500 : 204)
      })
      const server = createServer(app)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`
      return {
        send: async ({ headers, body }) =>
          (await fetch(url, { method: 'POST', headers: { ...headers }, body: Buffer.from(body) }))
            .status,
        close() {
          server.closeAllConnections()
          server.close()
        },
      }
    },
    async Hono({ secret, onVerdict, ...options }) {
      const app = new Hono()
      const verify = forHono({
        ...(options as object),
        secret: secret as string,
        onVerdict: onVerdict as never,
      })
      app.post('/webhooks', verify, (c) =>
        c.body(null, Object(c.get('webhook').payload).fail ? 500 : 204),
      )
      return {
        send: ({ headers, body }) =>
          inSpan(
            async () =>
              (
                await app.request('/webhooks', {
                  method: 'POST',
                  headers: { ...headers },
                  body: Buffer.from(body),
                })
              ).status,
          ),
        close() {},
      }
    },
  }

  test.each(Object.keys(servers))('%s: every outcome shows where it should, once', async (name) => {
    const account = await fakeAccount()
    const observers = metered()
    // The keys have been known for minutes, so that a mismatch now can be decided.
    let time = Date.now() - 300_000
    const now = () => time
    const source = accountSecret({
      token: account.token,
      baseUrl: account.baseUrl,
      now,
      ...observers,
    })
    await source.refresh()
    time = Date.now()
    observers.observe(source)
    const start = servers[name]
    const { send, close } = (await start?.({
      secret: source,
      idempotency: memoryStore(),
      ...observers,
    })) ?? { send: async () => 0, close() {} }
    const authentic = (options = {}) => signedRequest({ secret: account.secret, ...options })

    const delivery = await authentic()
    expect(await send(delivery)).toBe(204)
    expect(await send(delivery)).toBe(200)
    expect(await send(await authentic({ timestamp: stale }))).toBe(401)
    expect(await send(await authentic({ payload: { fail: true } }))).toBe(500)
    expect(await send(await forged())).toBe(401)
    await account.rotate()
    time += 5_000
    expect(await send(await authentic())).toBe(204)

    expect(await series('deliveries')).toEqual({
      accepted: 3,
      duplicate: 1,
      'refused timestamp_too_old': 1,
      'refused signature_mismatch': 1,
    })
    expect(await series('claims')).toEqual({ committed: 2, released: 1 })
    expect(await series('handler.duration')).toEqual({ committed: 2, released: 1 })
    expect(await series('secret.rotations')).toEqual({ '': 1 })
    expect((await series('secret.refreshes')).succeeded).toBeGreaterThanOrEqual(2)
    expect((await series('secret.age'))['']).toBeGreaterThanOrEqual(0)
    const spans = exporter.getFinishedSpans()
    expect(spans.map(({ attributes }) => attributes['countersign.outcome'])).toEqual([
      'accepted',
      'duplicate',
      'refused',
      'accepted',
      'refused',
      'accepted',
    ])
    for (const { events } of spans) expect(events).toHaveLength(1)
    expect(spans[2]?.attributes).toEqual({
      'countersign.outcome': 'refused',
      'countersign.code': 'timestamp_too_old',
    })
    close()
    source.close()
    await account.close()
  })

  test('an undecided delivery, and an account that refuses the token', async () => {
    const account = await fakeAccount()
    const observers = metered()
    const { baseUrl } = account
    const source = accountSecret({ token: account.token, baseUrl, ...observers })
    observers.observe(source)
    await source.refresh()
    account.script({ status: 401 }, { status: 401 }, { status: 401 })
    const verify = createVerifier({ secret: source, ...observers })
    const { headers, body } = await forged()
    expect(await verify.check(body, headers)).toMatchObject({
      error: { code: 'signature_undecided' },
    })
    expect(await series('deliveries')).toEqual({ 'refused signature_undecided': 1 })
    expect(await series('source.errors')).toEqual({ unauthorized: 1 })
    expect(await series('secret.refreshes')).toMatchObject({ 'failed unauthorized': 1 })
    source.close()
    await account.close()
  })

  test('spans: a span of its own under the active one, and no other way', async () => {
    for (const spans of [false, true]) {
      exporter.reset()
      const verify = createVerifier({ secret, ...metered({ spans, tracer }) })
      const { headers, body } = await signedRequest({ secret })
      await inSpan(() => verify(body, headers))
      const [own, server] = exporter.getFinishedSpans()
      if (!spans) {
        expect(own?.name).toBe('POST /webhooks')
        continue
      }
      expect(own).toMatchObject({
        name: 'countersign.verify',
        attributes: { 'countersign.outcome': 'accepted' },
      })
      expect(own?.parentSpanContext?.spanId).toBe(server?.spanContext().spanId)
    }
  })

  test('the span is as long as the verification took', () => {
    const { onVerdict } = metered({ spans: true, tracer })
    onVerdict({ outcome: 'accepted', duration: 2, context: undefined } as never)
    const [span] = exporter.getFinishedSpans()
    expect(span?.duration).toEqual([2, 0])
    // It is of the tracer in the options, not of the global one.
    expect(span?.instrumentationScope.name).toBe('server')
  })

  test('without an active span nothing is traced', async () => {
    const verify = createVerifier({ secret, ...metered() })
    const { headers, body } = await signedRequest({ secret })
    expect(trace.getActiveSpan()).toBeUndefined()
    await verify(body, headers)
    expect(exporter.getFinishedSpans()).toEqual([])
  })

  test('Prometheus scrapes it over HTTP', async () => {
    const prometheus = new PrometheusExporter({ preventServerStart: true })
    const provider = new MeterProvider({ readers: [prometheus] })
    const scraped = createServer((req, res) => prometheus.getMetricsRequestHandler(req, res))
    await new Promise<void>((resolve) => scraped.listen(0, '127.0.0.1', resolve))
    const observers = telemetry({ meter: provider.getMeter('test') })
    const verify = createVerifier({ secret, ...observers })
    const { headers, body } = await forged()
    await verify.check(body, headers)
    const url = `http://127.0.0.1:${(scraped.address() as AddressInfo).port}/metrics`
    const text = await (await fetch(url)).text()
    expect(text).toMatch(
      /countersign_deliveries_total\{countersign_outcome="refused",error_type="signature_mismatch"[^}]*\} 1/,
    )
    expect(text).toMatch(/countersign_verification_duration(_seconds)?_bucket\{/)
    scraped.closeAllConnections()
    scraped.close()
    await provider.shutdown()
  })
})

describe('what fails in a meter never reaches a delivery', () => {
  const failing = (): never => {
    throw new Error('exporter is gone')
  }
  const broken: Record<string, Partial<Meter>> = {
    'creating instruments': { createCounter: failing },
    'adding to them': {
      ...createMetrics().meter,
      createCounter: () => ({ add: failing }),
      createHistogram: () => ({ record: failing }),
    },
  }
  test.each(Object.entries(broken))('%s', async (_, meter) => {
    const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined)
    const observers = telemetry({ meter: meter as Meter, attributes: failing })
    const source = rotatingSecret({ fetch: () => secret, ...observers })
    observers.observe(source)()
    const verify = createVerifier({ secret: source, ...observers })
    const { headers, body } = await signedRequest({ secret })
    expect(await verify.check(body, headers)).toMatchObject({ ok: true })
    observers.onSettled({ outcome: 'lost', id: 'msg_1', duration: 0, context: {} })
    observers.onError(undefined)
    observers.onRotate({ keyIds: [], previousKeyIds: [] })
    expect(printed).not.toHaveBeenCalled()
    source.close()
    printed.mockRestore()
  })

  test('OpenTelemetry’s own diagnostics say so', () => {
    const error = jest.fn()
    const quiet = () => {}
    diag.setLogger(
      { error, warn: quiet, info: quiet, debug: quiet, verbose: quiet },
      DiagLogLevel.ERROR,
    )
    telemetry({ meter: broken['creating instruments'] as Meter }).onRotate({
      keyIds: [],
      previousKeyIds: [],
    })
    expect(error).toHaveBeenCalledWith('countersign/otel', expect.any(Error))
    diag.disable()
  })
})

describe('the options', () => {
  test.each([{ metre: 1 }, { spans: 'yes' }])('%p is a TypeError', (options) => {
    expect(() => telemetry(options as TelemetryOptions)).toThrow(TypeError)
  })

  test('the observers are spread into the options of receivers and sources', async () => {
    const observers = metered()
    const source = rotatingSecret({ fetch: () => secret, warm: false, ...observers })
    expect(createVerifier({ secret: source, ...observers })).toBeInstanceOf(Function)
    expect(forExpress({ secret: source, ...observers })).toBeInstanceOf(Function)
    source.close()
    // A misspelt option of the application is refused as ever.
    expect(() => createVerifier({ secret, ...observers, onVerdicts: () => {} } as never)).toThrow(
      TypeError,
    )
  })

  test('in webhookHandler of countersign/node, whose onError is for handlers, they hide no error', async () => {
    const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined)
    const handler = forNode({ secret, ...metered() }, () => {
      throw new Error('handler failed')
    })
    const server = createServer(handler)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const { headers, body } = await signedRequest({ secret })
    expect((await fetch(url, { method: 'POST', headers, body: Buffer.from(body) })).status).toBe(
      500,
    )
    expect(printed).toHaveBeenCalledWith(
      expect.stringContaining('handler failed'),
      expect.any(Error),
    )
    printed.mockRestore()
    server.closeAllConnections()
    server.close()
  })

  test.each([undefined, null, {}, 'secret'])('observe(%p) is a TypeError', (source) => {
    expect(() => metered().observe(source as never)).toThrow(TypeError)
  })

  test('observe ends when it is asked to', async () => {
    const { observe } = metered()
    const source = rotatingSecret({ fetch: () => secret })
    await source.refresh()
    const asked = jest.spyOn(source, 'status')
    const end = observe(source, { account: 'a' })
    expect(Object.keys(await series('secret.age'))).toEqual(['a'])
    expect(Object.keys(await series('secret.refreshes'))).toEqual(['a succeeded'])
    const before = asked.mock.calls.length
    end()
    await sdk.collect()
    expect(asked).toHaveBeenCalledTimes(before)
    source.close()
  })

  test('attributes are on the failures of a store too', async () => {
    const { onVerdict } = metered({ attributes: () => ({ account: 'a' }) })
    onVerdict({ outcome: 'refused', code: 'store_unavailable', duration: 0 } as never)
    expect(await series('store.failures')).toEqual({ a: 1 })
  })

  test('a WebhookError of the application with a code of its own is counted as _OTHER', async () => {
    const verify = createVerifier({
      secret() {
        throw new WebhookError('unknown_tenant' as never)
      },
      ...metered(),
    })
    const { headers, body } = await signedRequest({ secret })
    await verify.check(body, headers)
    expect(await series('deliveries')).toEqual({ '_OTHER refused': 1 })
  })
})
