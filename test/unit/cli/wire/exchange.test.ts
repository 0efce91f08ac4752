import { generateKeyPairSync } from 'node:crypto'
import { createServer as createTls } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from '@jest/globals'
import {
  type Exchange,
  exchange,
  keepAliveAgent,
  type WireRequest,
} from '../../../../src/cli/wire/exchange.js'
import { describeConnection } from '../../../../src/cli/wire/failure.js'
import { problemCode } from '../../../../src/cli/wire/problem-code.js'
import { type Listening, listening, listeningTcp } from '../../../support/listening-server.js'

let server: Listening | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

function ask(changes: Partial<WireRequest> = {}): Promise<Exchange> {
  return exchange({
    url: new URL(server?.url ?? 'http://localhost'),
    method: 'POST',
    headers: [
      ['host', 'localhost'],
      ['content-length', '2'],
    ],
    body: Buffer.from('{}'),
    timeout: 20,
    ...changes,
  })
}

describe('an exchange', () => {
  test('sends the lines as they are, and reads the answer with its lines', async () => {
    const seen: unknown[] = []
    server = await listening(async (request, response) => {
      seen.push(request.rawHeaders, request.url, String(await buffer(request)))
      response.sendDate = false
      response.writeHead(418, 'Teapot', ['A', '1', 'a', '2', 'connection', 'close'])
      response.end('short')
    })
    const headers = [
      ['HOST', 'a'],
      ['x-b', '1'],
      ['X-B', '2'],
      ['content-length', '2'],
      ['connection', 'close'],
    ] as const
    const { answer, duration } = await ask({ headers, url: new URL(`${server.url}/a?b=c`) })
    expect(seen).toEqual([headers.flat(), '/a?b=c', '{}'])
    expect(answer).toMatchObject({ status: 418, statusText: 'Teapot' })
    expect(answer?.headers.slice(0, 2)).toEqual([
      ['A', '1'],
      ['a', '2'],
    ])
    expect(String(answer?.body)).toBe('short')
    // Seconds: an exchange on this machine does not take a minute.
    expect(duration).toBeGreaterThan(0)
    expect(duration).toBeLessThan(60)
    await ask({ headers, target: '/exactly/../so' })
    expect(seen[4]).toBe('/exactly/../so')
  })

  test('takes an answer of 1 MiB and no byte more', async () => {
    let size = 1_048_576
    server = await listening((_, response) => response.end(Buffer.alloc(size)))
    expect((await ask()).answer?.body).toHaveLength(size)
    size++
    const { failure, answer } = await ask()
    expect(answer).toBeUndefined()
    expect(failure).toMatchObject({ kind: 'connection', status: 200 })
    expect(failure?.text).toContain('more than 1 MiB')
    size = 3
    expect((await ask({ maxBytes: 2 })).failure?.text).toContain('answered with more')
  })

  test('ends with the time-out, and hangs up', async () => {
    let hungUp: Promise<void> | undefined
    server = await listening((request) => {
      hungUp = new Promise((resolve) => request.socket.once('close', () => resolve()))
    })
    const { failure } = await ask({ timeout: 0.2 })
    expect(failure?.kind).toBe('timeout')
    expect(failure?.text).toMatch(/did not answer within 0.2 s: .*raise --timeout/)
    await hungUp
  })

  test('leaves no timer behind, and says in seconds how long it took', async () => {
    server = await listening((_, response) => setTimeout(() => response.end(), 50))
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    const { duration } = await ask({ timeout: 1000 })
    expect(duration).toBeGreaterThan(0.04)
    expect(duration).toBeLessThan(40)
    expect(timers()).toBeLessThanOrEqual(before)
  })

  test('of a time-out longer than the timers take waits all the same', async () => {
    server = await listening((_, response) => response.end())
    expect((await ask({ timeout: 1e9 })).answer?.status).toBe(200)
  })

  test('with a header that nothing can send is a failure like any other', async () => {
    server = await listening((_, response) => response.end())
    const { failure } = await ask({ headers: [['x', 'a\nb']] })
    expect(failure).toMatchObject({ kind: 'connection', status: undefined })
  })

  test('over a kept connection that was just closed is tried again, and never twice if it was handled', async () => {
    let count = 0
    const sockets: Socket[] = []
    server = await listeningTcp((socket) => {
      socket.on('data', () => {
        count++
        // The second request of a connection finds it closed.
        if (sockets.includes(socket)) socket.resetAndDestroy()
        else socket.write('HTTP/1.1 204 No Content\r\nconnection: keep-alive\r\n\r\n')
        sockets.push(socket)
      })
    })
    const agent = keepAliveAgent(new URL(server.url), 1)
    expect((await ask({ agent })).answer?.status).toBe(204)
    await new Promise((resolve) => setImmediate(resolve))
    expect((await ask({ agent })).answer?.status).toBe(204)
    expect(count).toBe(3)
    agent.destroy()
  })

  test('over a new connection that breaks is not tried again', async () => {
    let count = 0
    server = await listeningTcp((socket) => {
      socket.once('data', () => {
        count++
        socket.resetAndDestroy()
      })
    })
    expect((await ask()).failure?.text).toContain('closed the connection without an answer')
    expect(count).toBe(1)
  })

  test('over one agent uses one connection again, and one for each request otherwise', async () => {
    const ports = new Set<unknown>()
    server = await listening((request, response) => {
      ports.add(request.socket.remotePort)
      response.end()
    })
    const agent = keepAliveAgent(new URL(server.url), 1)
    for (let i = 0; i < 3; i++) await ask({ agent })
    expect(ports.size).toBe(1)
    agent.destroy()
    const own: number[] = []
    for (let i = 0; i < 2; i++) await ask({ onPort: (port) => own.push(port) })
    expect(ports.size).toBe(3)
    expect([...ports].slice(1)).toEqual(own)
  })

  test('with https speaks TLS, and a certificate of nobody is named with the fix', async () => {
    // No certificate at all: what matters is that TLS is spoken to it.
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
    const tls = createTls({ key })
    let isTls = false
    tls.on('tlsClientError', () => {
      isTls = true
    })
    await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve))
    const url = new URL(`https://127.0.0.1:${(tls.address() as AddressInfo).port}`)
    for (const agent of [undefined, keepAliveAgent(url, 1)]) {
      isTls = false
      expect((await ask({ url, agent })).failure?.kind).toBe('connection')
      expect(isTls).toBe(true)
    }
    await new Promise((resolve) => tls.close(resolve))
    server = await listening((_, response) => response.end())
    const plain = new URL(server.url.replace('http:', 'https:'))
    expect((await ask({ url: plain })).failure?.text).toContain('use http:// in place of https://')
  })
})

describe('a connection that brought no answer', () => {
  const url = new URL('https://example.com:1/a?token=secret')
  const said = (error: object): string => describeConnection(error, { url, timeout: 3 })

  test.each([
    ['ECONNREFUSED', 'nothing listens at https://example.com:1/a'],
    ['ENOTFOUND', 'Check the spelling'],
    ['EAI_AGAIN', 'Check DNS'],
    ['ECONNRESET', 'closed the connection without an answer'],
    ['EPIPE', 'closed the connection without an answer'],
    ['EHOSTUNREACH', 'check the network'],
    ['ENETUNREACH', 'check the network'],
    ['ETIMEDOUT', 'Check the address and the firewall'],
    ['EPROTO', 'use http:// in place of https://'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'use http:// in place of https://'],
    ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'use http:// in place of https://'],
    ['HPE_INVALID_CONSTANT', 'is not HTTP: check the port'],
    ['CERT_HAS_EXPIRED', 'is not trusted (CERT_HAS_EXPIRED): set NODE_EXTRA_CA_CERTS'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'set NODE_EXTRA_CA_CERTS'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'set NODE_EXTRA_CA_CERTS'],
    ['UNABLE_TO_GET_ISSUER_CERT', 'set NODE_EXTRA_CA_CERTS'],
  ])('%s is named with its fix', (code, fix) => {
    expect(said({ code })).toContain(fix)
    // A name with several addresses fails with one error for each.
    expect(said({ errors: [{ code }, { code: 'EOTHER' }] })).toContain(fix)
  })

  test('in the middle of the answer, or for another reason, is named', () => {
    expect(said({ message: 'aborted' })).toContain('in the middle of its answer')
    expect(said({ message: 'socket hang up' })).toContain('in the middle of its answer')
    expect(said({ message: 'odd\u0007' })).toBe(
      'https://example.com:1/a could not be asked: odd\\u0007',
    )
  })

  test('never shows the query of the address, which may hold a token', () => {
    for (const code of ['ECONNREFUSED', 'HPE_X', 'CERT_X', 'EODD']) {
      expect(said({ code, message: 'x' })).not.toContain('secret')
    }
  })
})

test.each([
  ['{"code":"signature_mismatch"}', 'signature_mismatch'],
  [`{"code":"a","x":"${'x'.repeat(65_517)}"}`, 'a'],
  [`{"code":"a","x":"${'x'.repeat(65_518)}"}`, undefined],
  ['{"code":401}', undefined],
  ['{"code":"Not Found"}', undefined],
  [`{"code":"${'a'.repeat(41)}"}`, undefined],
  ['null', undefined],
  ['no json', undefined],
  ['', undefined],
])('the problem code of an answer', (text, code) => {
  expect(problemCode(Buffer.from(text))).toBe(code)
})
