import { holds } from '../engine/find.js'
import type { Line } from '../oracle/delivery.js'
import { bytesOf, HEADER_WORDS, NOW, rightLines, signedLines } from '../signed.js'
import { defineTarget, type Subjects } from '../target.js'
import { type Frameworks, hasEmptyLineAgain, startFrameworks, verdictsOf } from './frameworks.js'
import { throughGateways } from './gateways.js'

type Input = {
  readonly lines: readonly Line[]
  readonly body: string
  /** Lengths of HTTP chunks. Without any, the body has a Content-Length. */
  readonly chunks: readonly number[]
  /** Between the lines of the head. */
  readonly path: string
}

let running: Promise<Frameworks> | undefined

/** One raw request, sent to every framework over a socket of its own: they all answer the same. */
async function run({ body, chunks, path, ...rest }: Input, { node }: Subjects): Promise<void> {
  const lines = rest.lines.map(([name = '', value = '']: Partial<Line>): Line => [name, value])
  running ??= startFrameworks(node)
  const { send } = await running
  if (hasEmptyLineAgain(lines)) return
  const bytes = bytesOf(body)
  const raw = Buffer.concat([head(lines, bytes, chunks, path), framed(bytes, chunks)])
  const answered = verdictsOf(await send(raw))
  // A request that Node itself refuses (400, 431) reaches no gateway's function either. Such an answer has no code.
  const isRequest = !/^\d+ $/.test(answered.node ?? '')
  const answers = {
    ...answered,
    ...(isRequest && (await throughGateways(node, signedLines(lines, bytes), bytes))),
  }
  const different = new Set(Object.values(answers))
  holds(different.size <= 1, 'every framework answers the same', () => JSON.stringify(answers))
}

function head(
  lines: readonly Line[],
  body: Buffer,
  chunks: readonly number[],
  path: string,
): Buffer {
  const hasFraming = lines.some(([name]) =>
    /^(content-length|transfer-encoding)$/i.test(name.trim()),
  )
  const framing: Line[] =
    chunks.length > 0
      ? [['transfer-encoding', 'chunked']]
      : [['content-length', String(body.length)]]
  const all = [
    ['host', '127.0.0.1'],
    ['connection', 'close'],
    ...(hasFraming ? [] : framing),
    ...signedLines(lines, body),
  ]
  // A line break would be another request, and the answers could not be told apart.
  const safe = (text: string): string => text.replace(/[\r\n]/g, '')
  const text = all.map(([name = '', value = '']) => `${safe(name)}: ${safe(value)}`)
  const query = safe(path).replace(/[\s#]/g, '')
  return Buffer.from(
    [`POST /webhooks${query && `?${query}`} HTTP/1.1`, ...text, '', ''].join('\r\n'),
    'latin1',
  )
}

function framed(body: Buffer, chunks: readonly number[]): Buffer {
  if (chunks.length === 0) return body
  const parts: Buffer[] = []
  for (let [at, i] = [0, 0]; at < body.length; i++) {
    const size = Math.max(1, Math.abs(chunks[i % chunks.length] ?? 1) % 5000)
    const part = body.subarray(at, at + size)
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'))
    at += size
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

const json = '{"type":"a"}'
const seed = (more: readonly Line[] = [], rest: Partial<Input> = {}): Input => ({
  lines: rightLines(more),
  body: json,
  chunks: [],
  path: '',
  ...rest,
})

export const adapters = defineTarget<Input>({
  name: 'adapters',
  isTimed: false,
  seeds: [
    seed(),
    seed([['content-type', 'application/json']]),
    seed([['content-type', 'application/json; charset=utf-16']]),
    seed([['content-type', 'multipart/form-data; boundary=x']]),
    seed([['content-type', 'application/x-www-form-urlencoded']], { body: 'a=1' }),
    seed([['content-encoding', 'gzip']]),
    seed([['Content-Encoding', 'identity']], { chunks: [1, 5] }),
    seed([['webhook-id', 'msg_1']]),
    seed([['webhook-id', 'msg_2']]),
    seed([['webhook-signature', 'v1,AAAA']]),
    seed([['webhook-timestamp', String(NOW)]]),
    seed([['expect', '100-continue']]),
    seed([], { body: '' }),
    seed([], { body: '', chunks: [1] }),
    seed([], { body: 'x'.repeat(5000) }),
    seed([['content-length', '3']]),
    seed(
      [
        ['x-http-method-override', 'GET'],
        ['cookie', 'a=1'],
      ],
      { path: 'webhook-id=a&__proto__=1' },
    ),
    { lines: rightLines([], 'svix'), body: json, chunks: [3], path: '' },
  ],
  dictionary: [
    ...HEADER_WORDS,
    'application/json',
    'text/plain',
    'charset=',
    'expect',
    '100-continue',
    'gzip',
    'transfer-encoding',
    'chunked',
    'x-forwarded-host',
    'trailer',
    'upgrade',
    'h2c',
    'connection',
    'keep-alive',
    '\xe9',
    '\x80',
    '\t',
    'if-none-match',
    'x-http-method-override',
  ],
  run,
  async close() {
    await (await running)?.close()
    running = undefined
  },
})
