import { expect, test } from '@jest/globals'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'
import { type CapturedRequest, printCapture } from '../../../../src/cli/capture/capture-file.js'
import { parseDelivery } from '../../../../src/cli/capture/read-delivery.js'
import { testTerminal } from '../../../support/test-terminal.js'

const secret = generateSecret()
const text = '{"type":"a","text":"it\'s “€” 10%","n":1.0}\n'

function read(input: string | Buffer, files: Record<string, string | Uint8Array> = {}) {
  const readFile = async (path: string) => Buffer.from(files[path] ?? '')
  return parseDelivery(Buffer.from(input), { readFile })
}

/** Every form is read by the commands, too. */
async function verifies(
  input: string | Buffer,
  extra: Record<string, string> = {},
): Promise<number> {
  const terminal = testTerminal({ COUNTERSIGN_SECRET: secret })
  terminal.files = { '-': input, ...extra }
  return terminal.run('verify', '--delivery', '-')
}

const signed = signedRequest({ secret, body: text })

async function request(body: Uint8Array = Buffer.from(text)): Promise<CapturedRequest> {
  const { headers } = await signedRequest({ secret, body })
  const pairs = Object.entries(headers)
  return { method: 'POST', url: '/hook?a=1', headers: [['Host', 'a'], ...pairs], body }
}

const BINARY = Uint8Array.from({ length: 256 }, (_, i) => i)

test('a capture file is read as it was written', async () => {
  const receivedAt = new Date('2026-01-31T12:00:00.123Z')
  const capture = { ...(await request(BINARY)), receivedAt }
  expect(await read(printCapture(capture))).toEqual({
    ...capture,
    body: Buffer.from(BINARY),
  })
  expect(await read(`\ufeff${printCapture(capture)}`)).toMatchObject({ receivedAt })
})

test('a capture file verifies as of when it arrived', async () => {
  const signedAt = new Date('2026-01-31T12:00:00Z')
  const { headers, body } = await signedRequest({ secret, timestamp: signedAt })
  const capture = { method: 'POST', url: '/', headers: Object.entries(headers), body }
  expect(await verifies(printCapture({ ...capture, receivedAt: signedAt }))).toBe(0)
  expect(await verifies(printCapture(capture))).toBe(1)
})

function httpText({ method, url, headers, body }: CapturedRequest, end = '\r\n'): Buffer {
  const lines = [`${method} ${url} HTTP/1.1`, ...headers.map((line) => line.join(': ')), '', '']
  return Buffer.concat([Buffer.from(lines.join(end), 'latin1'), body])
}

test.each([['\r\n'], ['\n']])(
  'a raw HTTP request with line ends %j, its body byte for byte',
  async (end) => {
    const delivery = await request(BINARY)
    expect(await read(httpText(delivery, end))).toEqual({ ...delivery, body: Buffer.from(BINARY) })
    expect(await verifies(httpText(delivery, end))).toBe(0)
  },
)

test('a raw HTTP request whose body has a length, or chunks', async () => {
  const delivery = await request()
  const { length } = delivery.body
  const sized = { ...delivery, headers: [...delivery.headers, ['content-length', `${length}`]] }
  expect(
    await verifies(Buffer.concat([httpText(sized as CapturedRequest), Buffer.from('\n')])),
  ).toBe(0)
  const chunks = `5;x=y\r\n${text.slice(0, 5)}\r\n${(length - 5).toString(16)}\r\n`
  const body = Buffer.from(`${chunks}${text.slice(5)}\r\n0\r\n\r\n`)
  const headers = [...delivery.headers, ['Transfer-Encoding', 'chunked']]
  expect(await verifies(httpText({ ...delivery, headers, body } as CapturedRequest))).toBe(0)
  // A tool that shows the request may have taken the frames off.
  expect(await verifies(httpText({ ...delivery, headers } as CapturedRequest))).toBe(0)
})

test('a .har file: the last signed request in it', async () => {
  const { headers } = await signed
  const list = [...Object.entries(headers), [':path', '/x']].map(([name, value]) => ({
    name,
    value,
  }))
  const entries = [
    { request: { method: 'GET', url: 'http://a/', headers: [] } },
    { request: { method: 'POST', url: 'http://a/b', headers: list, postData: { text } } },
    { request: { method: 'GET', url: 'http://a/c', headers: [] } },
  ]
  expect(await verifies(JSON.stringify({ log: { entries } }))).toBe(0)
  const encoded = { text: Buffer.from(text).toString('base64'), encoding: 'base64' }
  const other = { method: 'POST', url: '/', headers: list, postData: encoded }
  expect(await verifies(JSON.stringify({ log: { entries: [{ request: other }] } }))).toBe(0)
  const { url } = await read(JSON.stringify({ log: { entries } }))
  expect(url).toBe('http://a/b')
})

test.each([
  ['single quotes', (body: string) => `--data-raw '${body.replaceAll("'", "'\\''")}'`],
  ['double quotes', (body: string) => `--data-binary "${body.replace(/["\\$`]/g, '\\$&')}"`],
  [
    'ANSI quotes',
    (body: string) =>
      `-d $'${body.replace(/['\\]/g, '\\$&').replace(/\n/g, '\\n').replace(/€/g, '\\u20ac')}'`,
  ],
])('a curl command with %s', async (_, data) => {
  const { headers } = await signed
  const lines = Object.entries(headers).map(([name, value]) => `  -H '${name}: ${value}' \\\n`)
  const command = `$ curl -sS -i --compressed -X PUT 'http://localhost/a?b=1' \\\n${lines.join('')}  ${data(text)}\n`
  expect(await read(command)).toEqual({
    method: 'PUT',
    url: 'http://localhost/a?b=1',
    headers: Object.entries(headers),
    body: Buffer.from(text),
  })
  expect(await verifies(command)).toBe(0)
})

test.each([
  ['switches before the option', "-sSd '{}'"],
  ['switches before the option and its value', "-kXPUT -isd '{}' -o/dev/null"],
])('a curl command with %s in one word', async (_, written) => {
  const { body, url } = await read(`curl ${written} http://a`)
  expect([body.toString(), url]).toEqual(['{}', 'http://a'])
})

test('a body that looks like an option of curl stays whole', async () => {
  for (const text of ['-1e5', '-Xa', '--a=b']) {
    const { body } = await read(`curl http://a -d ${text}`)
    expect(body.toString()).toBe(text)
  }
})

test('a curl command in other spellings, its body in a file', async () => {
  const { headers } = await signed
  const lines = Object.entries(headers).map(([name, value]) => `--header="${name}: ${value}"`)
  const command = `curl -XPOST --url http://a -o out -A bot -u me:x -H 'Accept:' -H 'X-Empty;' ${lines.join(' ')} --data-binary @body.json`
  expect(await verifies(command, { 'body.json': text })).toBe(0)
  expect(await read('curl http://a --data @f', { f: 'a\r\nb\0c\n' })).toMatchObject({
    method: 'POST',
    body: Buffer.from('abc'),
  })
  expect((await read("curl http://a -d a=1 -d 'b=2'")).body.toString()).toBe('a=1&b=2')
  expect((await read("curl http://a -H 'x: grün'")).headers).toEqual([
    ['x', Buffer.from('grün').toString('latin1')],
  ])
})

test.each([
  ['nothing', '', 'empty'],
  ['another text', 'hello', 'none of the known forms'],
  ['half a JSON', '{"version":1,', 'cut short'],
  ['another JSON', '{"a":1}', 'neither a capture file'],
  ['a capture of the future', '{"version":2,"headers":[],"body":""}', 'reads version 1'],
  ['a capture without headers', '{"version":1,"body":""}', '"headers"'],
  ['a capture with an object of headers', '{"version":1,"headers":{},"body":""}', '"headers"'],
  ['a capture with text for a body', '{"version":1,"headers":[],"body":"{}"}', '"body"'],
  ['half a base64', '{"version":1,"headers":[],"body":"aGk"}', '"body"'],
  ['no date', '{"version":1,"headers":[],"body":"","receivedAt":"x"}', '"receivedAt"'],
  ['a HAR of nothing', '{"log":{"entries":[]}}', 'holds 0 requests'],
  [
    'a HAR without bodies',
    '{"log":{"entries":[{"request":{"headers":[{"name":"webhook-signature","value":"v1,x"}],"bodySize":7}}]}}',
    'export it with content',
  ],
  ['a HAR of rubbish', '{"log":{"entries":[null,1,{"request":{"headers":3}}]}}', '3 requests'],
  ['half a curl', "curl http://a -d '{", 'quote is not closed'],
  ['a curl without a value', 'curl http://a -H', 'has no value'],
  ['a curl for cmd.exe', 'curl ^"http://a^" ^\r\n  -H ^"webhook-id: a^"', 'copy it as cURL (bash)'],
  ['a curl form', 'curl http://a -F a=b', '--data-binary'],
  ['a curl that reads standard input', 'curl http://a -d @-', 'name a file'],
  ['a request with a broken line', 'POST / HTTP/1.1\r\nno header\r\n\r\n', 'line 2'],
])('%s: one line', async (_, input, message) => {
  await expect(read(input)).rejects.toThrow(TypeError)
  await expect(read(input)).rejects.toThrow(message)
})

test('large and hostile input takes linear time', async () => {
  const large = 'a'.repeat(1_000_000)
  await expect(read(`curl http://a -d '${large}`)).rejects.toThrow('quote')
  await expect(read(`curl http://a -d "${'\\'.repeat(1_000_001)}`)).rejects.toThrow('quote')
  expect((await read(`POST / HTTP/1.1\n\n${'\r\n'.repeat(500_000)}`)).body).toHaveLength(1_000_000)
})
