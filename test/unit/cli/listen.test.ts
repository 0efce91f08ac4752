import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { afterEach, expect, test } from '@jest/globals'
import { generateSecret } from 'countersign/sign'
import { fakeAccount, signedRequest, staleRequest, tamperedRequest } from 'countersign/testing'
import { type Listener, startListen } from '../../support/listen.js'
import { type Listening, listening, listeningTcp } from '../../support/listening-server.js'
import { testTerminal } from '../../support/test-terminal.js'

const secret = generateSecret()
const env = { COUNTERSIGN_SECRET: secret }
let listener: Listener
let application: Listening | undefined

afterEach(async () => {
  expect(await listener.close()).toBe(0)
  await application?.close()
  application = undefined
})

async function start(...args: readonly string[]): Promise<void> {
  listener = await startListen(env, ...args)
}

type Request = { readonly headers: Record<string, string>; readonly body: Uint8Array }

function post(request: Request, path = '/webhooks', method = 'POST'): Promise<Response> {
  const body = new Uint8Array(request.body)
  return fetch(listener.url + path, { method, headers: request.headers, body })
}

test('a line with verdict, code, type, id, size and time; the first finding below a refused one', async () => {
  await start()
  const options = { secret, id: 'msg_1', payload: { type: 'invoice.paid' } }
  expect((await post(await signedRequest(options))).status).toBe(204)
  const refused = await post(await staleRequest(options), '/any/path?x=1', 'PUT')
  expect(refused.status).toBe(401)
  expect(await refused.json()).toMatchObject({ code: 'timestamp_too_old' })
  const [first, second = ''] = await listener.lines(2)
  expect(first).toMatch(/✓ accepted +204 +invoice\.paid +msg_1 +23 B +\d+ ms/)
  expect(second).toMatch(/✗ refused timestamp_too_old +401 +invoice\.paid +msg_1/)
  expect(second).toMatch(/\n +clock_skew \(certain\): .+\n +Fix: /)
})

test('--json: one object per delivery, nothing else on standard output', async () => {
  await start('--json')
  await post(await tamperedRequest({ secret, payload: { type: 'a' } }))
  const [line = ''] = await listener.lines(1)
  expect(listener.terminal.printed).toHaveLength(1)
  expect(JSON.parse(line)).toMatchObject({
    number: 1,
    verdict: 'refused',
    code: 'signature_mismatch',
    type: 'a',
    status: 401,
    finding: { code: expect.any(String) },
  })
})

test('what a stranger sent is printed without control and bidirectional characters', async () => {
  await start('--json')
  const hostile = '\u001b[2J\u202e\u0007'
  await post(await signedRequest({ secret, payload: { type: hostile } }))
  await post({
    headers: { 'webhook-id': 'a\u009b2J' },
    body: Buffer.from(`{"type":"${'\u2028'}"}`),
  })
  const lines = await listener.lines(2)
  expect(lines.join('')).toMatch(/^\P{C}+$/u)
  expect(JSON.parse(lines[0] ?? '').type).toBe(hostile)
})

test('without a secret a new one is made and printed, and nothing else ever prints one', async () => {
  listener = await startListen({})
  const made = listener.terminal.printed.join('\n').match(/Secret +(\S+)/)?.[1] ?? ''
  expect((await post(await signedRequest({ secret: made }))).status).toBe(204)
  await listener.close()
  await start()
  await post(await tamperedRequest({ secret }))
  await listener.lines(1)
  expect([...listener.terminal.printed, ...listener.terminal.errors].join()).not.toContain(secret)
})

test('with a token, the account’s secret, through a rotation', async () => {
  const account = await fakeAccount()
  listener = await startListen({
    COUNTERSIGN_ACCOUNT_TOKEN: account.token,
    COUNTERSIGN_ACCOUNT_URL: account.baseUrl,
    ...env,
  })
  expect((await post(await signedRequest({ secret: account.secret }))).status).toBe(204)
  account.rotate()
  expect((await post(await signedRequest({ secret: account.secret }))).status).toBe(204)
  expect(listener.terminal.errors.join()).toContain('the account has a new signing key')
  await account.close()
})

/** Header lines but those that frame a message or belong to one connection. */
function plain({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): string[] {
  const lines = rawHeaders.flatMap((name, i) => (i % 2 ? [] : [`${name}: ${rawHeaders[i + 1]}`]))
  return lines.filter(
    (line) => !/^(connection|transfer-encoding|content-length|keep-alive)/i.test(line),
  )
}

test('--forward-to: exact bytes and header lines go on, the answer comes back', async () => {
  const seen: { url?: string | undefined; lines: string[]; body: Buffer }[] = []
  application = await listening(async (request, response) => {
    seen.push({ url: request.url, lines: plain(request), body: await buffer(request) })
    response.writeHead(418, 'Teapot', ['Set-Cookie', 'a', 'Set-Cookie', 'b', 'X-Odd', 'ü'])
    response.end('short and stout')
  })
  await start('--forward-to', `${application.url}/hooks?a=1`)
  const { headers, body } = await signedRequest({
    secret,
    body: Uint8Array.of(123, 125, 32, 13, 10),
  })
  const lines = [
    'hOsT: example.com',
    'X-Double: 1',
    ...Object.entries(headers).map(([name, value]) => `${name.toUpperCase()}: ${value}`),
    'x-double: 2',
    'X-Empty:',
    'X-Bytes: gr\xc3\xbcn',
    'Keep-Alive: timeout=9',
    'X-Listed: 1',
    'Connection: close, X-Listed, webhook-id',
    `Content-Length: ${body.length}`,
  ]
  const socket = connect(Number(new URL(listener.url).port), '127.0.0.1')
  socket.write(Buffer.from(`POST /x HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1'))
  socket.write(body)
  const answer = await text(socket)
  expect(answer).toContain('HTTP/1.1 418 Teapot\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n')
  expect(answer).toContain('short and stout')
  expect(seen).toHaveLength(1)
  expect(seen[0]?.url).toBe('/hooks?a=1')
  expect(seen[0]?.body).toEqual(Buffer.from(body))
  expect(seen[0]?.lines).toEqual([
    ...lines.slice(0, -5).map((line) => line.replace(/:$/, ': ')),
    'X-Bytes: gr\xc3\xbcn',
  ])
  expect((await listener.lines(1))[0]).toMatch(/accepted +418 .*→ 418 in \d+ ms/)
})

test('--forward-to an address without a path: each delivery keeps its own; chunks become one body', async () => {
  const seen: (string | undefined)[] = []
  application = await listening(async (request, response) => {
    seen.push(request.url, request.headers['content-length'], await text(request))
    response.end()
  })
  await start('--forward-to', application.url)
  const { headers } = await signedRequest({ secret, body: '{}' })
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from('{'))
      controller.enqueue(Buffer.from('}'))
      controller.close()
    },
  })
  const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit
  expect((await fetch(`${listener.url}/a/b?c=d`, init)).status).toBe(200)
  expect(seen).toEqual(['/a/b?c=d', '2', '{}'])
})

test('a refused delivery is forwarded, too, and an application that takes it is named', async () => {
  application = await listening((_, response) => response.end())
  await start('--forward-to', application.url)
  expect((await post(await tamperedRequest({ secret }))).status).toBe(200)
  expect((await listener.lines(1))[0]).toContain('although refused here')
})

test.each([
  [
    'is down',
    async () => {
      const app = await listening(() => {})
      await app.close()
      return app
    },
    502,
    'nothing listens',
  ],
  ['hangs', () => listening(() => {}), 504, 'did not answer within 0.2 s'],
  [
    'resets',
    () => listeningTcp((socket) => socket.resetAndDestroy()),
    502,
    'closed the connection',
  ],
  [
    'dies in the middle of its answer',
    () => listeningTcp((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab')),
    502,
    'closed the connection',
  ],
  ['answers nonsense', () => listeningTcp((socket) => socket.end('hello\r\n')), 502, 'not HTTP'],
])(
  'an application that %s: a clear line, and the listener goes on',
  async (_, open, status, line) => {
    const app = await open()
    await start('--forward-to', app.url, '--timeout', '0.2')
    expect((await post(await signedRequest({ secret }))).status).toBe(status)
    expect((await post(await signedRequest({ secret }))).status).toBe(status)
    expect((await listener.lines(2))[1]).toContain(line)
    if (status === 504 || line !== 'nothing listens') await app.close()
  },
)

test('--save: capture files that diagnose and send read', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'countersign-')), 'a/b')
  await start('--save', folder)
  const { headers, body } = await signedRequest({
    secret,
    id: '../../x\u007e',
    body: Buffer.from([0xff, 0]),
  })
  await post({ headers, body })
  await listener.lines(1)
  const [name = ''] = await readdir(folder)
  expect(name).toMatch(/^[\d-]+T[\d-]+Z-000001-_x_\.json$/)
  const capture = JSON.parse(await readFile(join(folder, name), 'utf8'))
  expect(capture).toMatchObject({ version: 1, method: 'POST', url: '/webhooks', body: '/wA=' })
  expect(JSON.stringify(capture)).not.toContain(secret)
  const terminal = testTerminal(env)
  expect(await terminal.run('verify', '--delivery', join(folder, name))).toBe(0)
  await rm(join(folder, '../..'), { recursive: true })
})

test('a body over 1 MiB is refused and not kept, an endless one does not fill the memory', async () => {
  await start()
  const body = Buffer.alloc(1_048_577, 32)
  expect((await post(await signedRequest({ secret, body }))).status).toBe(413)
  expect((await listener.lines(1))[0]).toMatch(/refused body_too_large +413 .*1\.0 MiB/)
})

test('a delivery that cannot be saved is said so, and answered', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'))
  await start('--save', folder)
  await rm(folder, { recursive: true })
  expect((await post(await signedRequest({ secret }))).status).toBe(204)
  await listener.lines(1)
  while (listener.terminal.errors.length === 0)
    await new Promise((resolve) => setImmediate(resolve))
  expect(listener.terminal.errors[0]).toMatch(/^countersign: delivery 1 was not saved: ENOENT/)
})

test('--json: times are milliseconds, a size is the one that the sender named, a type is cut', async () => {
  application = await listening((request, response) => {
    request.resume()
    setTimeout(() => response.end(), 30)
  })
  await start('--json', '--forward-to', application.url)
  await post(await signedRequest({ secret, payload: { type: 'a'.repeat(300) } }))
  await post(await signedRequest({ secret, body: Buffer.alloc(2_000_000, 32) }))
  const [first, second] = (await listener.lines(2)).map((line) => JSON.parse(line))
  expect(first.type).toBe('a'.repeat(200))
  for (const milliseconds of [first.duration, first.forwarded.duration]) {
    expect(milliseconds).toBeGreaterThan(25)
  }
  expect(second.size).toBe(2_000_000)
})

test('a sender that hangs up, other methods, what is not HTTP: the listener goes on', async () => {
  await start()
  const port = Number(new URL(listener.url).port)
  const half = connect(port, '127.0.0.1')
  half.end('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc')
  await text(half)
  expect(listener.terminal.errors.join()).toContain('a sender hung up in the middle of its body')
  const rubbish = connect(port, '127.0.0.1')
  rubbish.end('\x16\x03\x01\x02\r\n\r\n')
  expect(await text(rubbish)).toContain('400')
  expect((await fetch(listener.url)).status).toBe(405)
  expect((await post(await signedRequest({ secret }))).status).toBe(204)
})

test('a port in use names the next free one; --open opens the page', async () => {
  await start('--open')
  expect(listener.terminal.opened).toEqual([`${listener.url}/_countersign`])
  const port = Number(new URL(listener.url).port)
  const other = testTerminal(env)
  other.page = async () => ''
  expect(await other.run('listen', '--port', String(port))).toBe(2)
  const [line = ''] = other.errors
  expect(line).toMatch(new RegExp(`port ${port} is in use: take another one, --port \\d+ is free`))
  const server = createServer()
  const free = Number(line.match(/--port (\d+)/)?.[1])
  await new Promise<void>((resolve) => server.listen(free, '127.0.0.1', resolve))
  expect((server.address() as AddressInfo).port).toBe(free)
  await new Promise((resolve) => server.close(resolve))
})

test.each([
  ['a wrong port', ['--port', '70000'], '--port must be'],
  ['a target that is no address', ['--forward-to', 'localhost:3000'], 'the http:// is missing'],
  ['a folder that cannot be', ['--save', '/dev/null/x'], '--save cannot use'],
])('%s: one line, 2', async (_, args, message) => {
  await start()
  const terminal = testTerminal(env)
  terminal.page = async () => ''
  expect(await terminal.run('listen', ...args)).toBe(2)
  expect(terminal.errors).toEqual([expect.stringContaining(message)])
  const bad = testTerminal({ COUNTERSIGN_SECRET: 'no base64!' })
  expect(await bad.run('listen')).toBe(2)
  expect(bad.errors.join()).not.toContain('no base64!')
})
