import { holds } from '../engine/find.js'
import type { Line } from '../oracle/delivery.js'
import { bytesOf, HEADER_WORDS, NOW, rightLines, signedLines } from '../signed.js'
import { defineTarget, type Subjects } from '../target.js'
import {
  type Frameworks,
  hasEmptyLineAgain,
  MOST_BYTES,
  startFrameworks,
  verdictsOf,
} from './frameworks.js'

/** A request as text, in which marks stand for signatures. The signed body may differ from what is framed. */
type Input = {
  readonly start: string
  readonly head: string
  readonly signed: string
  readonly framed: string
}

let running: Promise<Frameworks> | undefined

/** One raw request, however broken, sent to every framework over a socket of its own: they all answer the same. */
async function run({ start, head, signed, framed }: Input, { node }: Subjects): Promise<void> {
  // Another path is another route.
  if (!/^POST (http:\/\/\w+)?\/webhooks[?# ]/.test(start)) return
  running ??= startFrameworks(node)
  const { send } = await running
  const lines = head.split('\r\n').map((line): Line => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
  if (hasEmptyLineAgain(lines)) return
  // Only the marks are replaced: spaces and line ends stay as they are.
  const [signature = ''] =
    signedLines(
      lines.filter(([name]) => !/signature$/i.test(name)).concat([['x', '{v1}']]),
      bytesOf(signed),
    )
      .at(-1)
      ?.slice(1) ?? []
  const text = `${start}\r\n${head.replaceAll('{v1}', signature)}\r\n\r\n${framed}`
  const answers = verdictsOf(await send(bytesOf(text)))
  holds(new Set(Object.values(answers)).size <= 1, 'every framework answers the same', () =>
    JSON.stringify(answers),
  )
}

const BODY = '{"type":"a"}'
const START = 'POST /webhooks HTTP/1.1'
const HOST = 'host: a'

function request(
  lines: readonly string[],
  {
    body = BODY,
    framed = body,
    start = START,
    host = HOST,
  }: { body?: string; framed?: string; start?: string; host?: string } = {},
): Input {
  const isFramed = lines.some((line) => /^(content-length|transfer-encoding):/.test(line))
  const length = isFramed ? [] : [`content-length: ${body.length}`]
  const all = [...(host ? [host] : []), 'connection: close', ...length, ...lines]
  return { start, head: all.join('\r\n'), signed: body, framed }
}

const RIGHT = rightLines().map((line) => line.join(': '))
const right = (...more: readonly string[]): Input => request([...RIGHT, ...more])
/** The right lines with another value for one of them. */
const other = (part: string, value: string): Input =>
  request(
    RIGHT.map((line) => (line.startsWith(`webhook-${part}`) ? `webhook-${part}: ${value}` : line)),
  )
const CHUNKED = 'transfer-encoding: chunked'
const chunked = (body = BODY, extension = '', trailer = ''): string =>
  `${body.length.toString(16)}${extension}\r\n${body}\r\n0\r\n${trailer}\r\n`
const inChunks = (framed: string, lines: readonly string[] = RIGHT, body = BODY): Input =>
  request([...lines, CHUNKED], { body, framed })
const large = 'x'.repeat(MOST_BYTES + 1)

const framings = [
  inChunks(chunked(BODY, ';a="b"')),
  inChunks(chunked(BODY, '', 'webhook-signature: v1,AAAA\r\n'), RIGHT.slice(0, 2)),
  inChunks(chunked(BODY, '', 'webhook-id: other\r\n')),
  inChunks(chunked(), [...RIGHT, 'content-length: 3']),
  inChunks(chunked(), [...RIGHT, CHUNKED]),
  ...['', 'c\r\n{"type', 'zz\r\nx', '-1\r\nx', 'ffffffffffffffffff\r\nx'].map((framed) =>
    inChunks(framed),
  ),
  inChunks(chunked(large.slice(1)), RIGHT, large.slice(1)),
  inChunks(chunked(large), RIGHT, large),
  request(RIGHT, { body: large.slice(1) }),
  request(RIGHT, { body: large }),
  request(RIGHT, { body: '' }),
  request(RIGHT, { body: '\0\xff' }),
  ...['3', '100', '5000', '+12', '0xc', '12, 12', '99999999999999999999', ''].map((length) =>
    right(`content-length: ${length}`),
  ),
  right('content-length: 1', 'content-length: 12'),
  right('transfer-encoding: gzip, chunked'),
  right('transfer-encoding: identity'),
]

const heads = [
  ...['msg\0', 'msg_\xc3\xa9', '\tmsg_1\t', 'a\tb', 'a,b', 'a, b', 'msg_1\r\n x', ' a'].map((id) =>
    other('id', id),
  ),
  ...['v2,x,{v1}', 'v1,AAAA,{v1}', '"{v1}"', ' {v1} ', '{v1},'].map((signature) =>
    other('signature', signature),
  ),
  right('Webhook-Id: msg_1', 'WEBHOOK-ID: msg_1'),
  right('Webhook-Id: msg_2'),
  right(`webhook-timestamp: ${NOW}`),
  right(`webhook-timestamp: ${NOW + 1}`),
  right(...Array.from({ length: 15 }, () => 'webhook-signature: v2,x')),
  right(...Array.from({ length: 16 }, () => 'webhook-signature: v2,x')),
  request(RIGHT.map((line) => line.replace('-', '_'))),
  request(RIGHT.map((line) => line.replace(':', ' :'))),
  right('__proto__: x', 'constructor: y', 'x-http-method-override: GET'),
  right('expect: 100-continue'),
  right('expect: 200-ok'),
  right('connection: upgrade', 'upgrade: h2c'),
  right('cookie: __proto__=1; =; a', 'cookie: b', 'set-cookie: a', 'set-cookie: b'),
  right('accept-encoding: identity;q=0, *;q=0', 'if-none-match: *', 'range: bytes=0-1'),
  right(...Array.from({ length: 300 }, (_, i) => `x-${i}: y`)),
  right(`x: ${'y'.repeat(18_000)}`),
  ...['gzip', ' GZip ', ',,', 'g\xc3\xa9zip', 'identity, gzip'].map((coding) =>
    right(`content-encoding: ${coding}`),
  ),
  right('content-encoding: identity', 'content-encoding: gzip'),
  ...[
    'application/json',
    ';;;',
    '__proto__',
    'application/json; charset=bogus',
    'multipart/form-data',
    'text/xml',
    `a/${'b'.repeat(3000)}`,
  ].map((type) => right(`content-type: ${type}`)),
  right('content-type: application/json', 'content-type: text/plain'),
]

const starts = [
  ...[
    'POST /webhooks HTTP/1.0',
    'POST http://other/webhooks HTTP/1.1',
    'POST /webhooks? HTTP/1.1',
    'POST /webhooks?%zz=%ff HTTP/1.1',
    'POST /webhooks#x HTTP/1.1',
  ].map((start) => request(RIGHT, { start })),
  ...['', 'host:', 'host: a:b:c@d/e?f', 'host: \xe9', 'host: a\r\nhost: b'].map((host) =>
    request(RIGHT, { host }),
  ),
]

export const rawHttp = defineTarget<Input>({
  name: 'raw-http',
  isTimed: false,
  seeds: [...framings, ...heads, ...starts],
  dictionary: [
    ...HEADER_WORDS,
    '\r\n',
    '\n',
    '\r',
    ': ',
    'transfer-encoding: chunked',
    'content-length: 0',
    '0\r\n\r\n',
    'HTTP/1.0',
    'expect: 100-continue',
    'connection: keep-alive',
    'identity',
    'gzip',
    '\t',
    '\x80',
  ],
  run,
  async close() {
    await (await running)?.close()
    running = undefined
  },
})
