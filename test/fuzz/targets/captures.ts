import { assertPrintable, holds, textsOf } from '../engine/find.js'
import { bytesOf, NOW, rightLines, signedLines } from '../signed.js'
import { defineTarget, type Subjects } from '../target.js'

type Input = { readonly text: string }

const BODY = Buffer.from('{"type":"a","text":"it\'s"}')
const LINES = signedLines(rightLines([['host', 'a']]), BODY)
export const CAPTURES: readonly string[] = [
  JSON.stringify({
    version: 1,
    receivedAt: new Date(NOW * 1000).toISOString(),
    method: 'POST',
    url: '/',
    headers: LINES,
    body: BODY.toString('base64'),
  }),
  `POST /hook HTTP/1.1\r\n${LINES.map((line) => line.join(': ')).join('\r\n')}\r\n\r\n${BODY}`,
  `POST /hook HTTP/1.1\nTransfer-Encoding: chunked\n${LINES.map((line) => line.join(': ')).join('\n')}\n\n5\r\n{"typ\r\n15;x=1\r\n${BODY.subarray(5)}\r\n0\r\n\r\n`,
  JSON.stringify({
    log: {
      entries: [
        {
          startedDateTime: new Date(NOW * 1000).toISOString(),
          request: {
            method: 'POST',
            url: 'http://a/',
            headers: LINES.map(([name, value]) => ({ name, value })),
            postData: { text: String(BODY) },
            bodySize: BODY.length,
          },
        },
      ],
    },
  }),
  `curl -X POST 'http://a/hook' ${LINES.map((line) => `-H '${line.join(': ')}'`).join(' ')} --data-raw $'{"type":"a","text":"it\\'s"}'`,
  `$ curl http://a --json '{"a":1}' \\\n  -H "webhook-id: \\"a\\"" --data-binary @body.json --compressed`,
]

/** Reads any text as a delivery, or refuses it with a message. */
async function run({ text }: Input, { node }: Subjects): Promise<void> {
  const readFile = async (): Promise<Buffer> => BODY
  try {
    const { method, url, headers, body } = await node.parseDelivery(bytesOf(text), { readFile })
    holds(
      typeof method === 'string' && typeof url === 'string',
      'a delivery has a method and an address',
      () => `${method} ${url}`,
    )
    const isLines = headers.every(
      (line) => line.length === 2 && line.every((part) => typeof part === 'string'),
    )
    holds(isLines, 'headers are pairs of texts', () => JSON.stringify(headers))
    holds(body instanceof Uint8Array, 'a body is bytes', () => typeof body)
  } catch (error) {
    holds(error instanceof TypeError && error.cause === undefined, 'only typed errors', () =>
      textsOf(error),
    )
    holds(
      /cut short|capture file|curl command|\.har file|HTTP request|form|empty|neither/.test(
        Object(error).message,
      ),
      'an error says what is wrong',
      () => textsOf(error),
    )
    assertPrintable(Object(error).message)
  }
}

export const captures = defineTarget<Input>({
  name: 'captures',
  seeds: CAPTURES.map((text) => ({ text })),
  dictionary: [
    'curl ',
    '-H ',
    '--header=',
    '-d ',
    '--data-binary @-',
    '--data-urlencode a',
    "$'",
    '\\x41',
    '\\U0010ffff',
    '\\777',
    '\\\n',
    '\\\r\n',
    'HTTP/1.1',
    '\r\n\r\n',
    ': ',
    'Transfer-Encoding: chunked',
    'ffffffff\r\n',
    '0\r\n\r\n',
    'Content-Length: ',
    '"version":',
    '"log":',
    '"entries":',
    '"params":[]',
    '"encoding":"base64"',
    'name',
    'value',
    '\xef\xbb\xbf',
  ],
  run,
})
