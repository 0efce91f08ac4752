import { keepRawBody } from 'countersign/express'
import { adapterContract, type Harness } from '../contract/contract.js'
import { type Arrangement, expressHarness, type Middleware, versions } from './harness.js'

interface Case extends Arrangement {
  readonly cannot?: NonNullable<Harness['cannot']>
}

const EVERYTHING = { limit: '10mb', type: () => true }

// It sends some thousand deliveries. What stands in front of the adapter does not change how it reads a header.
const growthOnce = {
  'every header that is read takes linear time': 'measured without a parser, once for each version',
}

const parserRanFirst = {
  'one byte more than the limit, and no end: refused without waiting for it':
    'the parser in front waits for the body',
  'the stream has been read: refused with the fix in words, no hang':
    'the parser in front keeps the bytes',
  'a JSON parser ran first: refused with the fix in words, no hang':
    'the parser in front keeps the bytes',
  'a JSON parser ran first: a tampered body is not accepted either':
    'the parser in front keeps the bytes',
  'Content-Length announces too much: refused before the body is there':
    'the parser in front waits for the body',
}

const jsonRanFirst = {
  ...parserRanFirst,
  'authentic: bodies that change if they are serialised again':
    'the parser refuses a byte order mark',
  'authentic: bytes that are not UTF-8': 'the parser refuses a body that is not JSON',
  'authentic: a body that is not JSON is payload_invalid, not a signature error':
    'the parser refuses a body that is not JSON',
  'idempotency: a delivery that does not verify never reaches the store':
    'the parser refuses a body that is not JSON',
  'Content-Encoding: gzip is refused, identity is not':
    'the parser refuses a body that is not JSON once inflated',
}

/** Every arrangement in which a delivery can be verified: each keeps the whole contract. */
const arrangements: Record<string, Case> = {
  'no parser': {},
  'express.raw for everything': {
    front: (express) => [express.raw(EVERYTHING)],
    cannot: parserRanFirst,
  },
  "express.raw({ type: '*/*' }) on the route": {
    mount: (express, app, handlers) =>
      app.post('/webhooks', express.raw({ type: '*/*', limit: '10mb' }), ...handlers),
    cannot: {
      'the stream has been read: refused with the fix in words, no hang':
        'the parser of Express 4 fails on it first',
      'Content-Length announces too much: refused before the body is there':
        'the parser in front waits for the body',
      'one byte more than the limit, and no end: refused without waiting for it':
        'the parser in front waits for the body',
    },
  },
  'express.raw for another type': {
    front: (express) => [express.raw({ type: 'application/x-other' })],
  },
  // Express 4 leaves `req.body = {}` although nothing was read.
  'express.json, urlencoded and text for other types': {
    front: (express) => [
      express.json({ type: 'application/x-other' }),
      express.urlencoded({ extended: true }),
      express.text({ type: 'text/x-other' }),
    ],
  },
  'express.json that keeps rawBody': {
    front: (express) => [express.json({ ...EVERYTHING, verify: keepRawBody, strict: false })],
    cannot: jsonRanFirst,
  },
  'middleware that takes its time': {
    front: () => [(_req, _res, next) => void setTimeout(next, 5)],
  },
  'middleware that listens along': {
    front: () => [
      (req, _res, next) => {
        req.on('data', () => {})
        next()
      },
    ],
  },
  'a router': {
    mount(express, app, handlers) {
      const router = express.Router()
      router.post('/', ...handlers)
      app.use('/webhooks', router)
    },
  },
  'app.use on the path': {
    mount: (_express, app, handlers) => void app.use('/webhooks', ...handlers),
    cannot: { 'the framework answers other methods': 'app.use takes every method' },
  },
  'app.route': {
    mount: (_express, app, handlers) => void app.route('/webhooks').post(...handlers),
  },
  'express.json after it': {
    mount(express, app, [receive, ...handlers]) {
      app.post('/webhooks', receive as Middleware, express.json(), ...handlers)
    },
  },
}

for (const [version, express] of Object.entries(versions)) {
  for (const [name, { cannot = {}, ...arrangement }] of Object.entries(arrangements)) {
    const rest = name === 'no parser' ? {} : growthOnce
    const harness = { ...expressHarness(express, arrangement), cannot: { ...cannot, ...rest } }
    adapterContract(`${version}, ${name},`, harness)
  }
}
