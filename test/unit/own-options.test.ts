// A prototype that somebody else polluted never sets an option: every public function that takes options, with options whose prototype notes what is read.
import { describe, expect, test } from '@jest/globals'
import * as root from 'countersign'
import * as account from 'countersign/account'
import * as cloudflare from 'countersign/cloudflare'
import * as compat from 'countersign/compat'
import * as diagnosis from 'countersign/diagnose'
import * as express from 'countersign/express'
import * as fastify from 'countersign/fastify'
import * as web from 'countersign/fetch'
import * as hono from 'countersign/hono'
import * as http from 'countersign/http'
import * as koa from 'countersign/koa'
import * as lambda from 'countersign/lambda'
import * as node from 'countersign/node'
import * as otel from 'countersign/otel'
import * as redis from 'countersign/redis'
import * as signing from 'countersign/sign'
import * as helpers from 'countersign/testing'
import { SECRET } from '../support/signing.js'

const read: string[] = []
const foreign = new Proxy(Object.prototype, {
  get(target, name, receiver) {
    // Properties that every object has are not options.
    if (!(name in target)) read.push(String(name))
    return Reflect.get(target, name, receiver)
  },
})

/** Own options in front of a polluted prototype. */
function options<T extends object>(values: T): T {
  return Object.setPrototypeOf({ ...values }, foreign)
}

const token = 'token-of-the-account'
const fetch = async () => new Response('{}')
const off = { warm: false }
const ioredis = { evalsha: async () => 1, eval: async () => 1, defineCommand() {}, on() {} }
const never = (): never => {
  throw new Error('not called at creation')
}
const binding = {
  ...{ idFromName: never, get: never },
  ...{ prepare: never, batch: never },
  ...{ getWithMetadata: never, put: never },
}
const body = new TextEncoder().encode('{}')
const headers = { 'webhook-id': 'msg_1' }
const context = { request: new Request('http://127.0.0.1/') }
const idempotency = () => options({ store: root.memoryStore() })
const receiver = () => options({ secret: SECRET, idempotency: idempotency() })

/** Each function that takes options, called with them. */
const takers: Record<string, () => unknown> = {
  createVerifier: () => root.createVerifier(options({ secret: SECRET })),
  rotatingSecret: () => root.rotatingSecret(options({ fetch: () => SECRET, ...off })),
  memoryStore: () => root.memoryStore(options({})),
  createSigner: () => signing.createSigner(options({ secret: SECRET }))('', options({})),
  generateSecret: () => signing.generateSecret(options({})),
  createAccountClient: () =>
    account
      .createAccountClient(options({ token, fetch }))
      .retrieve(options({}))
      .catch(() => {}),
  accountSecret: () => account.accountSecret(options({ token, fetch, ...off })),
  redisStore: () => redis.redisStore(ioredis, options({})),
  redisSnapshot: () => redis.redisSnapshot(ioredis, options({})),
  durableObjectStore: () => cloudflare.durableObjectStore(binding, options({})),
  d1Store: () => cloudflare.d1Store(binding, options({})),
  kvSnapshot: () => cloudflare.kvSnapshot(binding, options({})),
  telemetry: () => otel.telemetry(options({})),
  createReceiver: () => http.createReceiver(receiver()),
  createVerifyOnlyReceiver: () =>
    http.createVerifyOnlyReceiver(options({ secret: SECRET }), 'verify'),
  receiverFor: () => http.receiverFor(options({ secret: SECRET }), 'verify'),
  createReject: () => http.createReject(options({})),
  createNodeReject: () => http.createNodeReject(options({})),
  'express verifyWebhook': () => express.verifyWebhook(receiver()),
  'fastify verifyWebhook': () => fastify.verifyWebhook(receiver()),
  'hono verifyWebhook': () => hono.verifyWebhook(receiver()),
  'koa verifyWebhook': () => koa.verifyWebhook(receiver()),
  'node verifyWebhook': () => node.verifyWebhook(options({ secret: SECRET })),
  'node webhookHandler': () => node.webhookHandler(receiver(), () => {}),
  'fetch webhookHandler': () => web.webhookHandler(receiver(), () => {}),
  'fetch verifyRequest': () =>
    web.verifyRequest(context.request, options({ secret: SECRET })).catch(() => {}),
  'lambda webhookHandler': () => lambda.webhookHandler(receiver(), () => {}),
  diagnose: () => diagnosis.diagnose(options({ body, headers, secret: SECRET })),

  Webhook: () => {
    try {
      new compat.Webhook(SECRET, options({}))
    } catch {
      // Over WebCrypto, after it has read them.
    }
  },
  fakeAccount: async () => (await helpers.fakeAccount(options({}))).close(),
  signedRequest: async () =>
    (await helpers.signedRequest(options({ secret: SECRET }))).toLambdaEvent('1.0', options({})),
  staleRequest: () => helpers.staleRequest(options({ secret: SECRET })),
  futureRequest: () => helpers.futureRequest(options({ secret: SECRET })),
  tamperedRequest: () => helpers.tamperedRequest(options({ secret: SECRET })),
  wrongKeyRequest: () => helpers.wrongKeyRequest(options({ secret: SECRET })),
  rotatedRequest: () => helpers.rotatedRequest(options({ secret: SECRET })),
  duplicatedRequest: () => helpers.duplicatedRequest(options({ secret: SECRET })),
  storeContract: () => helpers.storeContract(() => root.memoryStore(), options({})),
}

/** Functions without options. A new function belongs here or above. */
const others = new Set(
  `isWebhookError WebhookError RefreshError AccountError generateKeyPair asError thrownHere isObserver bodyTooLarge bodyUnavailable callback own
   keyIdOf bodyBrokenOff sharedWarn textBytes replayNodeBody keepRawBody plainPath withoutHost readEventBody sendAnswer settleWhenSent readNodeBody settleAfter readWebBody clock matchers
   WebhookVerificationError DeliveryStore assertHandler readEventHeaders hasMultiValueHeaders readKeptBody keepWebhook keptWebhook webhookOf watchCalls`.split(
    /\s+/,
  ),
)

describe('options', () => {
  test.each(Object.entries(takers))('%s reads own ones alone', async (_name, take) => {
    read.length = 0
    await take()
    expect(read).toEqual([])
  })

  test('every public function is in one of the lists', () => {
    const entries = {
      '': {
        ...root,
        ...account,
        ...redis,
        ...cloudflare,
        ...otel,
        ...signing,
        ...http,
        ...diagnosis,
        ...compat,
        ...helpers,
      },
      'express ': express,
      'fastify ': fastify,
      'hono ': hono,
      'koa ': koa,
      'node ': node,
      'fetch ': web,
      'lambda ': lambda,
    }
    const names = Object.entries(entries).flatMap(([prefix, entry]) =>
      Object.entries(entry)
        .filter(([, value]) => typeof value === 'function')
        .map(([name]) => prefix + name),
    )
    expect(
      names.filter((name) => !(name in takers) && !others.has(name.split(' ').at(-1) ?? '')),
    ).toEqual([])
  })
})

test('a polluted prototype neither moves the token elsewhere nor answers in its place', async () => {
  const asked: string[] = []
  const polluted: Record<string, unknown> = {
    baseUrl: 'http://127.0.0.1:9',
    fetch: async () => new Response(JSON.stringify({ info: { webhookEventsHmacSecret: SECRET } })),
    secret: SECRET,
    signal: 'no signal',
  }
  const prototype = Object.prototype as Record<string, unknown>
  const own = async (url: string) => {
    asked.push(url)
    return new Response('{}')
  }
  try {
    for (const [name, value] of Object.entries(polluted)) {
      Object.defineProperty(prototype, name, { value, configurable: true, writable: true })
    }
    const client = account.createAccountClient({ token, fetch: own })
    await client.retrieve()
    await account
      .accountSecret({ token, fetch: own, ...off })
      .refresh()
      .catch(() => {})
    expect(asked).toEqual(Array(2).fill('https://api.cadenya.com/v1/account'))
    expect(() => root.createVerifier({} as never)).toThrow(TypeError)
  } finally {
    for (const name of Object.keys(polluted)) delete prototype[name]
  }
})
