import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { webhookHandler } from 'countersign/node'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'
import { printCapture } from '../../../src/cli/capture/capture-file.js'
import { VARIANTS } from '../../../src/cli/sending/variants.js'
import { type Listening, listening, listeningTcp } from '../../support/listening-server.js'
import { type TestTerminal, testTerminal } from '../../support/test-terminal.js'

const secret = generateSecret()
let terminal: TestTerminal
let received: { id: string; body: string }[]
let receiver: Listening

beforeEach(async () => {
  terminal = testTerminal({ COUNTERSIGN_SECRET: secret })
  received = []
  const receive = webhookHandler({ secret }, (_, response, { id, body }) => {
    received.push({ id, body: Buffer.from(body).toString() })
    response.writeHead(204).end()
  })
  receiver = await listening(receive)
})
afterEach(() => receiver.close())

test('one delivery: a line with status and time', async () => {
  expect(await terminal.run('send', receiver.url, '--type', 'invoice.paid')).toBe(0)
  expect(terminal.printed).toEqual([expect.stringMatching(/^right {2}204 {2}in \d.* ms/)])
  expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ type: 'invoice.paid', data: {} })
})

test.each(VARIANTS.map(({ name }) => name))('the variant %s gets its answer', async (variant) => {
  expect(await terminal.run('send', receiver.url, '--variant', variant)).toBe(0)
  expect(await terminal.run('send', receiver.url, '--variant', variant, '--json')).toBe(0)
  expect(JSON.parse(terminal.printed.at(-1) ?? '')).toMatchObject({ ok: true, wrong: 0, variant })
})

test('names of variants in other spellings, and a near miss', async () => {
  expect(await terminal.run('send', receiver.url, '--variant', 'wrongKeyRequest')).toBe(0)
  expect(await terminal.run('send', receiver.url, '--variant', 'tamperd')).toBe(2)
  expect(terminal.errors[0]).toContain('Did you mean tampered?')
})

test('a receiver that lets everything in: 1', async () => {
  const open = await listening((_, response) => response.end())
  expect(await terminal.run('send', open.url)).toBe(0)
  expect(await terminal.run('send', open.url, '--variant', 'tampered')).toBe(1)
  expect(terminal.printed[1]).toMatch(/^wrong {2}200 {2}in/)
  await open.close()
})

test('body and id as given, byte for byte', async () => {
  terminal.files = { b: '{"a": 1.0}\r\n' }
  expect(await terminal.run('send', receiver.url, '--body', 'b', '--id', 'msg_7')).toBe(0)
  expect(received).toEqual([{ id: 'msg_7', body: '{"a": 1.0}\r\n' }])
})

test('the delivery of a capture file, signed now', async () => {
  const { headers, body } = await signedRequest({ secret, timestamp: 1_700_000_000, id: 'msg_8' })
  const capture = { method: 'POST', url: '/', headers: Object.entries(headers), body }
  terminal.files = { c: printCapture(capture) }
  expect(await terminal.run('send', receiver.url, '--delivery', 'c')).toBe(0)
  expect(received).toEqual([{ id: 'msg_8', body: '{"type":"test.event"}' }])
})

test('many: a summary with p50 and p99, and a bar on a terminal', async () => {
  const drawn: string[] = []
  terminal.progress = (text) => drawn.push(text)
  expect(await terminal.run('send', receiver.url, '--count', '50', '--concurrency', '5')).toBe(0)
  expect(received).toHaveLength(50)
  expect(terminal.printed[0]).toMatch(/^50 sent .*50 right, 0 wrong, 0 without an answer$/)
  expect(terminal.printed[1]).toMatch(/^ +50 × 204$/)
  expect(terminal.printed[2]).toMatch(/p50 .* ms, p99 .* ms/)
  expect(drawn[0]).toMatch(/^[█░]{30} \d+ of 50$/)
  expect(drawn.at(-1)).toBe('')
})

const hanging = (): Promise<Listening> => listening(() => {})

test.each([
  ['refuses', async () => ({ ...receiver, url: 'http://127.0.0.1:1' }), 'nothing listens at'],
  ['hangs', hanging, 'did not answer within 0.2 s'],
  ['resets', () => listeningTcp((socket) => socket.resetAndDestroy()), 'closed the connection'],
  ['closes', () => listeningTcp((socket) => socket.end()), 'closed the connection'],
  [
    'speaks another language',
    () => listeningTcp((socket) => socket.end('220 mail ready\r\n')),
    'not HTTP',
  ],
  [
    'breaks off',
    () =>
      listeningTcp((socket) =>
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab')),
      ),
    'closed the connection',
  ],
  [
    'redirects',
    () =>
      listening((_, response) =>
        response.writeHead(308, { location: 'http://127.0.0.1/\u009b2J' }).end(),
      ),
    'senders do not follow redirects',
  ],
  [
    'talks for ever',
    () =>
      listening((_, response) => {
        response.on('error', () => {})
        for (let i = 0; i < 40; i++) response.write(Buffer.alloc(65_536))
      }),
    'more than 1 MiB',
  ],
])('a target that %s: one line, 2', async (_, start, message) => {
  const target = await start()
  expect(await terminal.run('send', target.url, '--timeout', '0.2')).toBe(2)
  expect(terminal.errors).toEqual([expect.stringContaining(message)])
  expect(terminal.errors[0]).toMatch(/^\P{Cc}+$/u)
  if (target.port !== receiver.port) await target.close()
})

test('a server without TLS asked for https', async () => {
  expect(await terminal.run('send', receiver.url.replace('http', 'https'))).toBe(2)
  expect(terminal.errors[0]).toContain('use http://')
})

test.each([
  ['no URL', [], 'countersign send URL'],
  ['no address', ['here'], 'must be an http or https address'],
  ['no scheme', ['localhost:3000/x'], 'the http:// is missing'],
  ['another scheme', ['ftp://localhost/'], 'must be an http or https address'],
  ['a password', ['http://a:b@localhost/'], 'must not hold a user'],
  ['no count', ['http://localhost/', '--count', '0'], '--count must be a whole number from 1'],
  ['no number', ['http://localhost/', '--concurrency', 'x'], '--concurrency must be'],
  ['a type for a body', ['http://localhost/', '--body', 'b', '--type', 'x'], 'leave it out'],
  ['two bodies', ['http://localhost/', '--body', 'b', '--delivery', 'b'], 'either --body'],
  ['a large body', ['http://localhost/', '--body', 'large'], '1048577 bytes'],
  ['a wrong id', ['http://localhost/', '--id', 'a b'], '1 to 256 visible'],
])('%s: one line, 2', async (_, args, message) => {
  terminal.files = { b: '{}', large: Buffer.alloc(1_048_577) }
  expect(await terminal.run('send', ...args)).toBe(2)
  expect(terminal.errors).toEqual([expect.stringContaining(message)])
})

test('Ctrl-C ends it with a summary', async () => {
  terminal.progress = () => terminal.interrupt()
  expect(await terminal.run('send', receiver.url, '--count', '1000')).toBe(2)
  expect(terminal.printed[0]).toMatch(/^\d+ sent/)
  expect(received.length).toBeLessThan(1000)
})
