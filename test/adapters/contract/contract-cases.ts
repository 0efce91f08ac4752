import { createHmac } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { expect } from '@jest/globals'
import {
  memoryStore,
  rotatingSecret,
  type SecretContext,
  type SecretSource,
  type WebhookError,
} from 'countersign'
import { accountSecret, type Fetch } from 'countersign/account'
import { type DiagnoseOptions, diagnose } from 'countersign/diagnose'
import { generateSecret } from 'countersign/sign'
import { expectLinear } from '../../support/growth.js'
import type { Bench, ContractOptions } from './contract.js'
import { idempotencyCases, until } from './idempotency-cases.js'
import type { Outgoing } from './raw-http.js'
import { NOW, SECRET, signed } from './signed.js'

export { NOW, SECRET } from './signed.js'

export type CaseName = keyof typeof cases

/** The limit of a case, unless it sets its own. */
export const MAX_BODY_BYTES = 4096

const SECONDS = NOW / 1000
const OTHER_SECRET = generateSecret()
const PRETTY = '{\n  "type" : "user.created",\r\n  "name" : "Zo\u00eb \\u00eb",\n  "n" : 1.0\n}\n'

/** The bodies that a parser and a serialiser between sender and verifier would change. */
const bodies = {
  'pretty-printed JSON': PRETTY,
  'JSON with repeated keys and -0': '{"a":1,"a":-0,"b":1e400}',
  'a byte order mark': '\uFEFF{"a":1}',
  'one byte': '1',
} as const

export const cases = {
  'authentic: the handler runs once, with the exact bytes': async (bench: Bench) => {
    const request = await signed({ body: PRETTY, id: 'msg_1' })
    const webhook = await bench.accepted(request)
    expect(webhook).toMatchObject({ id: 'msg_1', scheme: 'v1', payload: JSON.parse(PRETTY) })
    expect(webhook.timestamp).toEqual(new Date(NOW))
    expect(webhook.keyId).toMatch(/^\S{6,}$/)
    expect(Buffer.compare(webhook.body, request.body)).toBe(0)
  },
  'authentic: bodies that change if they are serialised again': async (bench: Bench) => {
    await bench.start({ options: { parse: 'none' } })
    for (const text of Object.values(bodies)) {
      const request = await signed({ body: text })
      expect(Buffer.compare((await bench.accepted(request)).body, request.body)).toBe(0)
    }
  },
  'authentic: bytes that are not UTF-8': async (bench: Bench) => {
    await bench.start({ options: { parse: 'none' } })
    const body = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const webhook = await bench.accepted(await signed({ body }))
    expect(Buffer.compare(webhook.body, body)).toBe(0)
    expect(webhook.payload).toBeUndefined()
  },
  'authentic: a body that is not JSON is payload_invalid, not a signature error': async (
    bench: Bench,
  ) => {
    await bench.refused(await signed({ body: '{"a":' }), 'payload_invalid', 400)
    await bench.refused(await signed({ body: Uint8Array.of(0xff, 0xfe) }), 'payload_invalid', 400)
  },
  'authentic: an empty body': async (bench: Bench) => {
    const webhook = await bench.accepted(await signed({ body: '' }))
    expect(webhook.payload).toBeUndefined()
    expect(webhook.body).toHaveLength(0)
  },
  'authentic: with any Content-Type, or none': async (bench: Bench) => {
    const { headers, body } = await signed({ body: PRETTY })
    const bare = headers.filter(([name]) => name !== 'content-type')
    await bench.accepted({ headers: bare, body })
    for (const type of ['text/plain', 'application/cloudevents+json; charset=utf-8', 'nonsense']) {
      await bench.accepted({ headers: [...bare, ['content-type', type]], body })
    }
  },
  'authentic: chunked': async (bench: Bench) => {
    const request = await signed({ body: PRETTY })
    const webhook = await bench.accepted({ ...request, chunked: true })
    expect(Buffer.compare(webhook.body, request.body)).toBe(0)
  },
  'authentic: header names in any case': async (bench: Bench) => {
    const { headers, body } = await signed()
    const shouted = headers.map(([name, value]) => [name.toUpperCase(), value] as const)
    await bench.accepted({ headers: shouted, body })
  },

  'tampered body': async (bench: Bench) => {
    const request = await signed({ body: '{"amount":100}' })
    const body = Buffer.from('{"amount":900}')
    await bench.refused({ ...request, body }, 'signature_mismatch', 401)
    await bench.refused({ ...request, body: Buffer.alloc(0) }, 'signature_mismatch', 401)
  },
  'tampered id and timestamp': async (bench: Bench) => {
    const request = await signed()
    await bench.refused(change(request, 'webhook-id', 'msg_other'), 'signature_mismatch', 401)
    const later = String(SECONDS + 1)
    await bench.refused(change(request, 'webhook-timestamp', later), 'signature_mismatch', 401)
  },
  'wrong secret': async (bench: Bench) => {
    await bench.refused(await signed({ secret: generateSecret() }), 'signature_mismatch', 401)
  },
  'the answer to a forgery holds nothing that helps the forger': async (bench: Bench) => {
    const forged = await signed({ secret: generateSecret(), body: '{"amount":100}' })
    const { text, headers } = await bench.refused(forged, 'signature_mismatch', 401)
    const told = text + JSON.stringify([...headers])
    const { headers: right } = await signed({ body: '{"amount":100}' })
    for (const secret of [SECRET, SECRET.slice(3), headerOf(right, 'webhook-signature').slice(3)]) {
      expect(told).not.toContain(secret)
    }
    expect(JSON.parse(text)).not.toHaveProperty('detail')
  },
  'stale and future timestamps, to the second': async (bench: Bench) => {
    await bench.accepted(await signed({ timestamp: SECONDS - 300 }))
    await bench.accepted(await signed({ timestamp: SECONDS + 300 }))
    await bench.refused(await signed({ timestamp: SECONDS - 301 }), 'timestamp_too_old', 401)
    await bench.refused(await signed({ timestamp: SECONDS + 301 }), 'timestamp_too_new', 401)
  },
  'missing headers': async (bench: Bench) => {
    const { headers, body } = await signed()
    for (const gone of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
      const left = headers.filter(([name]) => name !== gone)
      await bench.refused({ headers: left, body }, 'header_missing', 400)
    }
    await bench.refused({ headers: [], body }, 'header_missing', 400)
  },
  'malformed headers': async (bench: Bench) => {
    const request = await signed()
    const signature = headerOf(request.headers, 'webhook-signature')
    const malformed = {
      'webhook-id': ['two words', 'x'.repeat(257), 'caf\u00e9', `a.${SECONDS}.b`],
      'webhook-timestamp': [
        `+${SECONDS}`,
        `-${SECONDS}`,
        `0${SECONDS}`,
        `${SECONDS}.0`,
        '1.7e9',
        'now',
        String(NOW),
      ],
      'webhook-signature': [
        Array(17).fill(signature).join(' '),
        `${signature} ${'x'.repeat(4096)}`,
      ],
    }
    for (const [name, values] of Object.entries(malformed)) {
      for (const value of values) {
        await bench.refused(change(request, name, value), 'header_malformed', 400)
      }
    }
  },
  'two lines of one header': async (bench: Bench) => {
    const { headers, body } = await signed({ id: 'msg_1' })
    const twice = (name: string, value: string): Outgoing => ({
      headers: [...headers, [name, value]],
      body,
    })
    await bench.refused(twice('webhook-id', 'msg_2'), 'header_malformed', 400)
    await bench.refused(twice('webhook-timestamp', String(SECONDS + 1)), 'header_malformed', 400)
    const other = headerOf(
      (await signed({ secret: generateSecret() })).headers,
      'webhook-signature',
    )
    await bench.accepted(twice('webhook-signature', other))
  },
  'signature lists': async (bench: Bench) => {
    const request = await signed()
    const right = headerOf(request.headers, 'webhook-signature')
    const wrong = headerOf(
      (await signed({ secret: generateSecret() })).headers,
      'webhook-signature',
    )
    const withList = (...list: string[]) => change(request, 'webhook-signature', list.join(' '))
    await bench.accepted(withList(wrong, right))
    await bench.accepted(withList('v2,whatever', right, 'v1a,AAAA', wrong))
    await bench.refused(withList(wrong, wrong), 'signature_mismatch', 401)
    await bench.refused(withList(right.replace('v1,', 'v2,')), 'signature_mismatch', 401)
    await bench.refused(withList(right.replace(/=$/, '')), 'signature_mismatch', 401)
    await bench.refused(withList(`${right},x`), 'signature_mismatch', 401)
  },
  'boundaries shifted between id, timestamp and body': async (bench: Bench) => {
    const id = 'msg_1'
    const honest = await signed({ id, body: `${SECONDS}.{"amount":1}` })
    const shorter = { ...honest, body: Buffer.from('{"amount":1}') }
    // The same signed bytes, cut one place further on.
    const code = ['header_malformed', 400] as const
    await bench.refused(change(shorter, 'webhook-id', `${id}.${SECONDS}`), ...code)
    const longer = change(shorter, 'webhook-timestamp', `${SECONDS}.${SECONDS}`)
    await bench.refused(longer, ...code)
    // The same signed bytes, cut one place earlier: what was id becomes time.
    const body = Buffer.from(`${SECONDS}.{}`)
    const mac = createHmac('sha256', Buffer.from(SECRET.slice(3), 'base64'))
    const tag = mac.update(`a.${SECONDS}.${SECONDS}.{}`).digest('base64')
    const headers: Outgoing['headers'] = [
      ['webhook-id', `a.${SECONDS}`],
      ['webhook-timestamp', String(SECONDS)],
      ['webhook-signature', `v1,${tag}`],
    ]
    await bench.refused({ headers, body: body.subarray(body.indexOf('{')) }, ...code)
  },

  'a body of exactly the limit': async (bench: Bench) => {
    const request = await signed({ body: jsonOf(MAX_BODY_BYTES) })
    await bench.accepted(request)
    await bench.accepted({ ...request, chunked: true })
  },
  'one byte more than the limit, Content-Length true': async (bench: Bench) => {
    const request = await signed({ body: jsonOf(MAX_BODY_BYTES + 1) })
    await bench.refused(request, 'body_too_large', 413)
    await bench.accepted(await signed())
  },
  'one byte more than the limit, Content-Length absent': async (bench: Bench) => {
    const request = await signed({ body: jsonOf(MAX_BODY_BYTES + 1) })
    await bench.refused({ ...request, chunked: true }, 'body_too_large', 413)
  },
  'one byte more than the limit, and no end: refused without waiting for it': async (
    bench: Bench,
  ) => {
    const request = await signed({ body: jsonOf(MAX_BODY_BYTES + 1) })
    await bench.refused({ ...request, isEndless: true }, 'body_too_large', 413)
    await bench.accepted(await signed())
  },
  'far more than the limit': async (bench: Bench) => {
    const request = await signed({ body: jsonOf(3_000_000) })
    await bench.refused(request, 'body_too_large', 413)
    await bench.refused({ ...request, chunked: true }, 'body_too_large', 413)
    await bench.accepted(await signed())
  },
  'Content-Length announces too much: refused before the body is there': async (bench: Bench) => {
    const request = await signed()
    await bench.refused({ ...request, declaredLength: 5_000_000 }, 'body_too_large', 413)
  },
  'Content-Length says less than what is sent': async (bench: Bench) => {
    // HTTP/1 cuts the body there and trips over the rest; a fetch handler has to count. The handler never runs.
    const request = await signed({ body: jsonOf(MAX_BODY_BYTES + 1) })
    const answer = await bench.send({ ...request, declaredLength: 10 })
    expect([400, 401, 413]).toContain(answer?.status)
    expect(bench.handled).toHaveLength(0)
  },
  'Content-Encoding: gzip is refused, identity is not': async (bench: Bench) => {
    const plain = await signed({ body: PRETTY })
    const encoded = (encoding: string, { headers }: Outgoing, body: Uint8Array): Outgoing => ({
      headers: [...headers, ['content-encoding', encoding]],
      body,
    })
    const code = ['body_encoding_unsupported', 415] as const
    const zipped = gzipSync(plain.body)
    await bench.refused(encoded('gzip', plain, zipped), ...code)
    await bench.refused(encoded('gzip', await signed({ body: zipped }), zipped), ...code)
    await bench.accepted(encoded('identity', plain, plain.body))
  },
  'every header that is read takes linear time': async (bench: Bench) => {
    await bench.start({ options: { onVerdict: undefined } })
    const request = await signed()
    const rest = request.headers.filter(([name]) => name !== 'content-type')
    for (const name of [
      'webhook-id',
      'webhook-timestamp',
      'webhook-signature',
      'content-encoding',
      'content-type',
    ]) {
      for (const piece of ['\u00a0', 'v1,', 'charset=', '1.']) {
        const others = rest.filter(([other]) => other !== name)
        await expectLinear(
          (size) =>
            bench.send({ ...request, headers: [...others, [name, `${piece.repeat(size)}x`]] }),
          40,
        )
      }
    }
  },
  'headers, time and form of the signature are checked before the body is read': async (
    bench: Bench,
  ) => {
    const { headers, body } = await signed({ body: jsonOf(MAX_BODY_BYTES + 1) })
    const request = { headers, body }
    await bench.refused({ headers: [], body }, 'header_missing', 400)
    await bench.refused(change(request, 'webhook-id', 'two words'), 'header_malformed', 400)
    const stale = String(SECONDS - 301)
    await bench.refused(change(request, 'webhook-timestamp', stale), 'timestamp_too_old', 401)
    await bench.refused(change(request, 'webhook-signature', 'v1,x'), 'signature_mismatch', 401)
    await bench.refused(request, 'body_too_large', 413)
  },

  'a JSON parser ran first: refused with the fix in words, no hang': async (bench: Bench) => {
    await bench.start({ before: 'json' })
    const { text } = await bench.refused(await signed(), 'body_unavailable', 500)
    expect(JSON.parse(text).detail).toMatch(/before|raw/i)
    // Serialising again gives the same compact JSON. It must be refused all the same.
    await bench.refused(await signed({ body: '{"a":1}' }), 'body_unavailable', 500)
    await bench.refused(await signed({ body: '{}' }), 'body_unavailable', 500)
    // The warning holds the same line, unless an observer is set or `warn` is false.
    const lines: string[] = []
    const warn = (text: string) => void lines.push(text)
    const silent = [{ warn }, { onVerdict: undefined, warn: false }]
    for (const options of [...silent, { onVerdict: undefined, warn }]) {
      expect(lines).toEqual([])
      await bench.start({ options, before: 'json' })
      await bench.refused(await signed(), 'body_unavailable', 500)
      await bench.refused(await signed(), 'body_unavailable', 500)
    }
    expect(lines).toEqual([expect.stringContaining(JSON.parse(text).detail)])
  },
  'a JSON parser ran first: a tampered body is not accepted either': async (bench: Bench) => {
    await bench.start({ before: 'json' })
    const request = { ...(await signed()), body: Buffer.from('{"amount":900}') }
    await bench.refused(request, 'body_unavailable', 500)
  },
  'the stream has been read: refused with the fix in words, no hang': async (bench: Bench) => {
    await bench.start({ before: 'drain' })
    const { text } = await bench.refused(await signed(), 'body_unavailable', 500)
    expect(JSON.parse(text).detail).toMatch(/read|before|first/i)
  },
  'the sender disconnects half way: the handler never runs, and the server stays up': async (
    bench: Bench,
  ) => {
    const request = await signed({ body: jsonOf(2000) })
    await bench.send({ ...request, cutAfter: 1000 }).catch(() => {})
    await bench.send({ ...request, cutAfter: 0 }).catch(() => {})
    expect(bench.handled).toHaveLength(0)
    await bench.accepted(await signed())
    // Half a delivery is not a forgery. A proxy or framework may refuse it before the adapter decides.
    const codes = bench.verdicts.flatMap(({ code }) => code ?? [])
    expect(codes).toEqual(codes.map(() => 'body_unavailable'))
  },

  'no secret is available: 503 and Retry-After': async (bench: Bench) => {
    for (const secret of [() => undefined, () => Promise.reject(new Error('vault sealed'))]) {
      await bench.start({ options: { secret } })
      const { headers, text } = await bench.refused(await signed(), 'secret_unavailable', 503)
      expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/)
      expect(text).not.toContain('vault')
    }
  },
  'a mismatch that may be a rotation: 503 and Retry-After': async (bench: Bench) => {
    const known = { keys: [generateSecret()] }
    const secret: SecretSource = {
      read: () => known,
      reread: async () => ({ ...known, current: false, retryAfter: 6.2 }),
    }
    await bench.start({ options: { secret } })
    const { headers } = await bench.refused(await signed(), 'signature_undecided', 503)
    expect(headers.get('retry-after')).toBe('7')
  },
  'the secret is not read if the headers decide': async (bench: Bench) => {
    let asked = 0
    const secret = () => {
      asked++
      return SECRET
    }
    await bench.start({ options: { secret } })
    await bench.refused(await signed({ timestamp: SECONDS - 301 }), 'timestamp_too_old', 401)
    await bench.refused(change(await signed(), 'webhook-id', 'a b'), 'header_malformed', 400)
    expect(asked).toBe(0)
    await bench.accepted(await signed())
    expect(asked).toBe(1)
  },

  'the handler throws: that is the framework’s own 500': async (bench: Bench) => {
    const boom = new Error('boom')
    const handle = () => {
      throw boom
    }
    await bench.start({ handle })
    await bench.failed(await signed(), boom)
    expect(bench.verdicts.map(({ outcome }) => outcome)).toEqual(['accepted'])
  },
  'an error that is not a WebhookError reaches the framework’s error handling': async (
    bench: Bench,
  ) => {
    const boom = new Error('no clock')
    const now = () => {
      throw boom
    }
    await bench.start({ options: { now } })
    await bench.failed(await signed(), boom)
    expect(bench.handled).toHaveLength(0)
  },
  'a failure without an error never lets the delivery through': async (bench: Bench) => {
    // A careless callback may throw these. Some frameworks take them for "go on".
    const reject = () => {
      throw undefined
    }
    await bench.start({ reject })
    const sent = bench.send(await signed({ secret: generateSecret() }))
    const answer = await sent.catch((thrown) => {
      if (thrown !== undefined) throw thrown
    })
    expect(answer?.status ?? 500).toBeGreaterThanOrEqual(400)
    expect(bench.handled).toHaveLength(0)
  },
  'the answer of onReject replaces the default': async (bench: Bench) => {
    const codes: string[] = []
    const reject = ({ code }: { code: string }) => {
      codes.push(code)
      return { status: 418, text: `refused: ${code}` }
    }
    await bench.start({ reject })
    const answer = await bench.send(await signed({ secret: generateSecret() }))
    expect(answer).toMatchObject({ status: 418, text: 'refused: signature_mismatch' })
    await bench.accepted(await signed())
    expect(bench.handled).toHaveLength(1)
    expect(bench.errors).toHaveLength(0)
    expect(codes).toEqual(['signature_mismatch'])
  },
  'onReject that returns nothing keeps the default answer': async (bench: Bench) => {
    const codes: string[] = []
    const reject = ({ code }: { code: string }) => {
      codes.push(code)
      return undefined
    }
    await bench.start({ reject })
    await bench.refused(await signed({ secret: generateSecret() }), 'signature_mismatch', 401)
    expect(codes).toEqual(['signature_mismatch'])
  },
  'onReject may take its time, whether it answers or not': async (bench: Bench) => {
    const forged = await signed({ secret: generateSecret() })
    const later = () => new Promise((resolve) => setTimeout(resolve, 1))
    await bench.start({
      async reject() {
        await later()
        return { status: 418, text: 'mine' }
      },
    })
    expect(await bench.send(forged)).toMatchObject({ status: 418, text: 'mine' })
    await bench.start({ reject: () => later().then(() => undefined) })
    await bench.refused(forged, 'signature_mismatch', 401)
    const boom = new Error('onReject failed later')
    await bench.start({ reject: () => later().then(() => Promise.reject(boom)) })
    await bench.failed(forged, boom)
    expect(bench.handled).toHaveLength(0)
  },
  'onReject that throws is the framework’s own 500': async (bench: Bench) => {
    const boom = new Error('onReject failed')
    const reject = () => {
      throw boom
    }
    await bench.start({ reject })
    await bench.failed(await signed({ secret: generateSecret() }), boom)
    expect(bench.handled).toHaveLength(0)
  },
  'onVerdict is called once per delivery, and sees nothing secret': async (bench: Bench) => {
    await bench.accepted(await signed({ id: 'msg_1', timestamp: SECONDS - 7 }))
    await bench.refused(
      await signed({ id: 'msg_2', secret: generateSecret() }),
      'signature_mismatch',
      401,
    )
    await bench.refused(await signed({ body: jsonOf(MAX_BODY_BYTES + 1) }), 'body_too_large', 413)
    expect(bench.verdicts).toMatchObject([
      { outcome: 'accepted', id: 'msg_1', age: 7, keyId: expect.any(String) },
      { outcome: 'refused', id: 'msg_2', code: 'signature_mismatch' },
      { outcome: 'refused', code: 'body_too_large' },
    ])
    expect(JSON.stringify(bench.verdicts)).not.toContain(SECRET.slice(3))
  },
  'onVerdict gets the context, the size, the duration and the keys that were tried': async (
    bench: Bench,
  ) => {
    const request = await signed({ body: PRETTY })
    await bench.accepted(request)
    await bench.refused({ ...request, body: Buffer.from('{}') }, 'signature_mismatch', 401)
    await bench.refused({ ...request, headers: [] }, 'header_missing', 400)
    const [accepted, forged, bare] = bench.verdicts
    expect(accepted).toMatchObject({ bytes: Buffer.byteLength(PRETTY) })
    expect(forged).toMatchObject({ bytes: 2, expectedKeyIds: [accepted?.keyId] })
    expect(bare).not.toHaveProperty('expectedKeyIds')
    for (const { context, duration } of bench.verdicts) {
      expect(typeof context.request).toBe('object')
      expect(Math.round(duration * 1000) / 1000).toBe(duration)
      expect(duration).toBeGreaterThanOrEqual(0)
    }
  },
  'every callback gets the framework’s own request, the one that the handler has': async (
    bench: Bench,
  ) => {
    const own: unknown[] = []
    const seen: unknown[] = []
    const seeing =
      <T>(value: T) =>
      ({ request }: SecretContext): T => {
        seen.push(request)
        return value
      }
    await bench.start({
      handle: (_webhook, request) => void own.push(request),
      reject: (_error, request) => void own.push(request),
      options: {
        secret: seeing(SECRET),
        idempotency: { store: memoryStore(), scope: seeing('mine') },
        onVerdict: ({ context }) => seeing(null)(context),
        onSettled: ({ context }) => seeing(null)(context),
      },
    })
    await bench.accepted(await signed())
    await until(() => seen.length === 4)
    await bench.refused(await signed({ secret: OTHER_SECRET }), 'signature_mismatch', 401)
    const [handled, refused] = own
    expect(own).toHaveLength(2)
    for (const request of seen.slice(0, 4)) expect(request).toBe(handled)
    for (const request of seen.slice(4)) expect(request).toBe(refused)
    expect(seen).toHaveLength(6)
  },
  'error.delivery: onReject gets what was refused, and diagnose says why': async (bench: Bench) => {
    const errors: WebhookError[] = []
    await bench.start({ reject: (error) => void errors.push(error) })
    const { headers, body } = await signed({ secret: OTHER_SECRET, body: PRETTY })
    await bench.refused({ headers, body }, 'signature_mismatch', 401)
    const [error] = errors
    if (!error) throw new Error('onReject was not called')
    const sent = error.delivery.body
    expect(Buffer.from(sent as Uint8Array)).toEqual(Buffer.from(body))
    expect(Object.keys(error)).not.toContain('delivery')
    const now = () => NOW
    const ways: DiagnoseOptions['secret'][] = [
      OTHER_SECRET,
      [SECRET, OTHER_SECRET],
      () => [OTHER_SECRET],
      rotatingSecret({ fetch: () => OTHER_SECRET, now }),
      accountSecret({ token: 'token', fetch: answered(200, OTHER_SECRET), now }),
    ]
    for (const secret of ways) {
      expect(await diagnose({ ...error.delivery, secret, now })).toMatchObject({ ok: true })
    }
  },
  'a set-up that refuses every delivery is warned about: once a minute, with the fix': async (
    bench: Bench,
  ) => {
    const lines: string[] = []
    let time = NOW
    const warn = (text: string) => void lines.push(text)
    const options = { onVerdict: undefined, warn, now: () => time }
    const failingStore = { ...memoryStore(), claim: () => Promise.reject(new Error('down')) }
    const token = accountSecret({ token: 'wrong', fetch: answered(401), now: () => time })
    const causes: [Partial<ContractOptions>, string, RegExp][] = [
      [{ secret: () => undefined }, 'secret_unavailable', /function returned nothing.*check/],
      [{ secret: token }, 'secret_unavailable', /answered 401.*check the token/],
      [{ idempotency: failingStore }, 'store_unavailable', /store failed.*check its connection/],
    ]
    for (const [more, code, words] of causes) {
      lines.length = 0
      await bench.start({ options: { ...options, ...more } })
      for (const seconds of [0, 59, 61]) {
        time = NOW + seconds * 1000
        await bench.refused(await signed(), code, 503)
      }
      expect(lines).toEqual([expect.stringMatching(words), expect.stringMatching(words)])
      await bench.start({ options: { ...options, ...more, warn: false } })
      await bench.refused(await signed(), code, 503)
      await bench.start({ options: { ...options, ...more, onVerdict: () => {} } })
      await bench.refused(await signed(), code, 503)
      expect(lines).toHaveLength(2)
    }
  },
  'a source or a store that was passed on and not called: the line says what to write': async (
    bench: Bench,
  ) => {
    const lines: string[] = []
    const options = { onVerdict: undefined, warn: (text: string) => void lines.push(text) }
    const causes: [object, string, string][] = [
      [{ secret: accountSecret }, 'secret_unavailable', 'secret: accountSecret({ token })'],
      [{ secret: rotatingSecret }, 'secret_unavailable', 'secret: rotatingSecret({ fetch })'],
      [{ idempotency: memoryStore }, 'store_unavailable', 'idempotency: memoryStore()'],
    ]
    for (const [more, code, call] of causes) {
      lines.length = 0
      await bench.start({ options: { ...options, ...more } })
      await bench.refused(await signed(), code, 503)
      expect(lines).toEqual([expect.stringMatching(/ is a function that was not called: write /)])
      expect(lines[0]).toContain(call)
    }
  },
  'nothing that a stranger sends is warned about': async (bench: Bench) => {
    const lines: string[] = []
    await bench.start({ options: { onVerdict: undefined, warn: (text) => void lines.push(text) } })
    const request = await signed({ body: jsonOf(2000) })
    await bench.send({ ...request, headers: [] })
    await bench.send(change(request, 'webhook-timestamp', String(SECONDS - 999)))
    await bench.send(change(request, 'webhook-timestamp', 'now'))
    await bench.send(await signed({ secret: OTHER_SECRET }))
    await bench.send(await signed({ body: jsonOf(MAX_BODY_BYTES + 1) }))
    await bench.send(await signed({ body: '{"a":' }))
    await bench.send({ ...request, headers: [...request.headers, ['content-encoding', 'gzip']] })
    for (const cutAfter of [0, 1000]) await bench.send({ ...request, cutAfter }).catch(() => {})
    await bench.accepted(request)
    expect(lines).toEqual([])
  },
  'onVerdict that throws changes nothing': async (bench: Bench) => {
    const print = console.error
    console.error = () => {}
    const onVerdict = () => {
      throw new Error('logger down')
    }
    try {
      await bench.start({ options: { onVerdict } })
      await bench.accepted(await signed())
      await bench.refused(await signed({ secret: generateSecret() }), 'signature_mismatch', 401)
    } finally {
      console.error = print
    }
  },
  ...idempotencyCases,
  'the framework answers other methods': async (bench: Bench) => {
    const { headers } = await signed()
    for (const method of ['GET', 'PUT']) {
      const answer = await bench.send({ method, headers, body: Buffer.alloc(0) })
      expect([404, 405]).toContain(answer?.status)
    }
    expect(bench.handled).toHaveLength(0)
    expect(bench.verdicts).toHaveLength(0)
  },
  'deliveries side by side do not mix': async (bench: Bench) => {
    const ids = Array.from({ length: 20 }, (_, index) => `msg_${index}`)
    const requests = await Promise.all(ids.map((id) => signed({ id, payload: { id } })))
    await bench.start()
    const answers = await Promise.all(requests.map((request) => bench.send(request)))
    expect(answers.map((answer) => answer?.status)).toEqual(ids.map(() => 204))
    const seen = bench.handled.map(({ id, payload }) => [id, payload])
    expect(seen.sort()).toEqual(ids.map((id) => [id, { id }]).sort())
  },
} as const

/** An account API with this answer. */
function answered(status: number, webhookEventsHmacSecret?: string): Fetch {
  return async () => Response.json({ info: { webhookEventsHmacSecret } }, { status })
}

function change({ headers, ...rest }: Outgoing, name: string, value: string): Outgoing {
  const changed = headers.map((line) => (line[0] === name ? ([name, value] as const) : line))
  return { ...rest, headers: changed }
}

function headerOf(headers: Outgoing['headers'], name: string): string {
  return headers.find((line) => line[0] === name)?.[1] ?? ''
}

/** A JSON string of so many bytes, quotes included. */
function jsonOf(length: number): string {
  return `"${'x'.repeat(length - 2)}"`
}
