import { Readable } from 'node:stream'
import { holds } from '../engine/find.js'
import { bytesOf, NOW, rightLines, SECRET, signedLines } from '../signed.js'
import { defineTarget, type Subject, type Subjects } from '../target.js'

type Input = {
  readonly body: string
  readonly type: string
  readonly hasLength: boolean
  readonly where: number
}

/** A delivery whose bytes a parser or a platform has decoded to text before the package sees them. */
async function run(
  { body, type, hasLength, where }: Input,
  { node, web }: Subjects,
): Promise<void> {
  const bytes = bytesOf(body)
  const headers = Object.fromEntries(signedLines(rightLines([['content-type', type]]), bytes))
  if (hasLength) headers['content-length'] = String(bytes.length)
  for (const subject of [node, web]) {
    const isEvent = where % 2 === 0
    // Most parsers drop a byte order mark; the platforms that make events keep it.
    const ignoreBOM = where % 4 > 1
    const text = (
      isEvent ? new TextDecoder('utf-8', { ignoreBOM: true }) : decoderFor(type, ignoreBOM)
    )?.decode(bytes)
    // The parser refuses the charset itself.
    if (text === undefined) return
    const code = await verdictOf(subject, headers, bytes, text, isEvent)
    holds(
      code === 'accepted' || code === 'body_unavailable',
      'an authentic delivery is never called a forgery',
      () => JSON.stringify({ code, text, isEvent }),
    )
    const isPlain = Buffer.from(text).equals(bytes) && !text.includes('\ufffd')
    if (isPlain && isEvent)
      holds(code === 'accepted', 'text that is provably the same counts', () =>
        JSON.stringify({ code, text }),
      )
  }
}

/** What parsers for Express, Koa and Fastify do: the charset of the type, UTF-8 without one. */
function decoderFor(type: string, ignoreBOM: boolean): TextDecoder | undefined {
  const [, label = 'utf-8'] = /;\s*charset\s*=\s*"?([^";\s,]*)/i.exec(type) ?? []
  try {
    return new TextDecoder(label, { ignoreBOM })
  } catch {
    return undefined
  }
}

async function verdictOf(
  subject: Subject,
  headers: Record<string, string>,
  bytes: Buffer,
  text: string,
  isEvent: boolean,
): Promise<string> {
  const receive = subject.createReceiver({
    secret: SECRET,
    now: () => NOW * 1000,
    parse: 'none',
    warn: false,
  })
  const spent = Readable.from([bytes], { objectMode: false })
  await spent.toArray()
  const consumed = Object.assign(spent, { headers, body: text })
  const outcome = await receive({
    headers,
    context: {},
    readBody: (max) =>
      isEvent
        ? subject.readEventBody({ body: text }, headers, max)
        : subject.readNodeBody(consumed, max),
  })
  if (!('webhook' in outcome)) return outcome.error?.code ?? 'duplicate'
  return Buffer.compare(outcome.webhook.body, bytes) === 0 ? 'accepted' : 'other bytes'
}

export const texts = defineTarget<Input>({
  name: 'texts',
  seeds: [0, 1, 2, 3].flatMap((where) => [
    { body: '{"a":"Zo\xc3\xab"}', type: 'application/json', hasLength: true, where },
    { body: '{"a":"Zo\xeb"}', type: 'text/plain; charset=iso-8859-1', hasLength: true, where },
    { body: '\xef\xbb\xbf{}', type: 'application/json;charset="UTF-8"', hasLength: false, where },
    { body: '\xef\xbf\xbd', type: 'application/json; charset=utf8', hasLength: true, where },
    { body: 'a\0b\0', type: 'application/json; charset=utf-16le', hasLength: true, where },
    { body: '\xff\xfe\xed\xa0\x80', type: '', hasLength: false, where },
  ]),
  dictionary: [
    'charset=',
    '; charset=utf-8',
    'utf-16',
    'utf-16be',
    'shift_jis',
    'windows-1252',
    'unicode-1-1-utf-8',
    'x-user-defined',
    '\xef\xbf\xbd',
    '\xc3\xa9',
    '\xed\xa0\x80',
    '"',
    ';',
    ' ',
  ],
  run,
})
