import { Readable } from 'node:stream'
import { holds } from '../engine/find.js'
import type { Line } from '../oracle/delivery.js'
import { bytesOf, NOW, rightLines, SECRET, signedLines } from '../signed.js'
import { defineTarget, type Subject, type Subjects } from '../target.js'

type Input = {
  readonly body: string
  /** Lengths of the chunks; the last repeats. 0 is an empty chunk. */
  readonly cuts: readonly number[]
  readonly max: number
  readonly lines: readonly Line[]
}

const COMPRESSED = ['gzip', 'x-gzip', 'deflate', 'br', 'zstd', 'compress', 'x-compress']

async function run({ body, cuts, lines, ...rest }: Input, { node, web }: Subjects): Promise<void> {
  const max = Math.abs(rest.max)
  const bytes = bytesOf(body)
  const headers = headersOf(signedLines([...rightLines(), ...lines], bytes))
  if (!headers) return
  const announced = headers.get('content-length') ?? ''
  const codings = (headers.get('content-encoding') ?? '')
    .split(',')
    .map((one) => one.trim().toLowerCase())
  const isLong = /^\d{1,15}$/.test(announced) && Number(announced) > max
  const fits = bytes.length <= max
  for (const [name, read] of Object.entries(READERS)) {
    for (const subject of [node, web]) {
      const code = await verdictOf(
        subject,
        headers,
        bytes,
        max,
        read(subject, { headers, bytes, chunks: cut(bytes, cuts) }),
      )
      const tooLarge = !fits || (isLong && name !== 'event')
      if (code === 'body_encoding_unsupported') {
        holds(
          codings.some((one) => one !== '' && one !== 'identity'),
          'identity is no encoding',
          () => codings.join(),
        )
        continue
      }
      holds(!codings.some((one) => COMPRESSED.includes(one)), 'a compressed body is refused', () =>
        codings.join(),
      )
      holds(
        code === (tooLarge ? 'body_too_large' : 'accepted'),
        'every reader delivers the bytes that came',
        () => JSON.stringify({ name, code, tooLarge, length: bytes.length, max }),
      )
    }
  }
}

interface Arrived {
  readonly headers: Headers
  readonly bytes: Buffer
  readonly chunks: Uint8Array[]
}
type Read = (maxBytes: number) => Uint8Array | Promise<Uint8Array>

const READERS: Readonly<Record<string, (subject: Subject, arrived: Arrived) => Read>> = {
  node(subject, { headers, chunks }) {
    const stream = Readable.from(chunks, { objectMode: false })
    return (max) =>
      subject.readNodeBody(Object.assign(stream, { headers: Object.fromEntries(headers) }), max)
  },
  web(subject, { headers, chunks }) {
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = chunks.shift()
        if (chunk) controller.enqueue(chunk)
        else controller.close()
      },
    })
    const request = new Request('http://127.0.0.1/', {
      method: 'POST',
      headers,
      body,
      duplex: 'half',
    } as RequestInit)
    return (max) => subject.readWebBody(request, max)
  },
  event:
    (subject, { headers, bytes }) =>
    (max) =>
      subject.readEventBody(
        { body: bytes.toString('base64'), isBase64Encoded: true },
        headers,
        max,
      ),
}

async function verdictOf(
  subject: Subject,
  headers: Headers,
  bytes: Buffer,
  max: number,
  readBody: Read,
): Promise<string> {
  const receive = subject.createReceiver({
    secret: SECRET,
    maxBodyBytes: max,
    now: () => NOW * 1000,
    parse: 'none',
    warn: false,
  })
  const outcome = await receive({ headers, readBody, context: {} })
  if (!('webhook' in outcome)) return outcome.error?.code ?? 'duplicate'
  const same = Buffer.compare(outcome.webhook.body, bytes) === 0
  return same ? 'accepted' : 'other bytes'
}

function headersOf(lines: readonly Line[]): Headers | undefined {
  try {
    return new Headers(lines as [string, string][])
  } catch {
    return undefined
  }
}

/** Chunks as odd as the cuts say; each is a view into a larger buffer. */
function cut(bytes: Buffer, cuts: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let [at, i] = [0, 0]; at < bytes.length; i++) {
    const size = Math.abs(cuts[Math.min(i, cuts.length - 1)] ?? 7) % 5000
    // An empty chunk must not be repeated for ever.
    const length = i < cuts.length ? size : Math.max(size, 1)
    const room = Buffer.concat([
      Buffer.from('<<'),
      bytes.subarray(at, at + length),
      Buffer.from('>>'),
    ])
    if (length > 0 || i % 2 === 0) chunks.push(room.subarray(2, room.length - 2))
    at += length
  }
  return chunks
}

export const bodies = defineTarget<Input>({
  name: 'bodies',
  seeds: [
    ...COMPRESSED.map(
      (coding): Input => ({ body: '{}', cuts: [], max: 9, lines: [['content-encoding', coding]] }),
    ),
    { body: '{"a":1}', cuts: [1], max: 1024, lines: [] },
    {
      body: 'x'.repeat(3000),
      cuts: [0, 1, 0, 7, 1024],
      max: 3000,
      lines: [['content-length', '3000']],
    },
    { body: 'x'.repeat(3000), cuts: [2999, 1], max: 2999, lines: [['content-length', '1']] },
    { body: '', cuts: [], max: 0, lines: [['content-encoding', 'identity']] },
    { body: 'é\xff\0', cuts: [1, 1, 1], max: 10, lines: [['content-encoding', 'gzip, identity']] },
  ],
  dictionary: [
    ...COMPRESSED,
    'identity',
    'utf-8',
    ', ',
    ';q=1',
    'content-encoding',
    'content-length',
    '0',
    '00',
    '3000',
    '+1',
    '1e3',
  ],
  run,
})
