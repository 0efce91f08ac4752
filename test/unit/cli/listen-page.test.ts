import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { generateKeyPair, generateSecret } from 'countersign/sign'
import { signedRequest, staleRequest } from 'countersign/testing'
import { createHistory, type Kept } from '../../../src/cli/listener/history.js'
import { type Listener, startListen } from '../../support/listen.js'
import { listening } from '../../support/listening-server.js'

const secret = generateSecret()
let listener: Listener

beforeEach(async () => {
  listener = await startListen({ COUNTERSIGN_SECRET: secret })
})
afterEach(async () => {
  expect(await listener.close()).toBe(0)
})

const ROOT = '/_countersign'

async function post(): Promise<void> {
  const { headers, body } = await signedRequest({ secret, id: 'msg_1' })
  await fetch(`${listener.url}/webhooks`, { method: 'POST', headers, body })
}

test('the page is locked: its own script, its own server, nothing else', async () => {
  const { headers, status } = await fetch(listener.url + ROOT)
  const policy = headers.get('content-security-policy') ?? ''
  expect(status).toBe(200)
  expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-\S+'; style-src 'sha256-\S+'/)
  expect(policy).not.toMatch(/unsafe|\*|https?:/)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
})

/** `fetch` does not let a caller choose Host and Origin. */
async function visit(
  headers: Record<string, string>,
  method = 'GET',
  path = ROOT,
): Promise<number> {
  const { request } = await import('node:http')
  return new Promise((resolve, reject) => {
    const sent = request(listener.url + path, { method, headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end()
  })
}

test.each<[string, ...Parameters<typeof visit>]>([
  ['another host', { host: 'evil.example' }],
  ['another port', { host: '127.0.0.1:1' }],
  ['a name that resolves here', { host: 'localhost.evil.example:4100' }],
  ['another origin', { origin: 'http://evil.example' }],
  ['no origin at all', { origin: 'null' }],
  ['a tunnel', { 'x-forwarded-for': '1.2.3.4' }],
  ['another proxy', { via: '1.1 x' }],
  ['another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'script' }],
  ['a change without an origin', {}, 'POST', `${ROOT}/deliveries/1/replay`],
])('%s is refused', async (_, ...visitor) => {
  await post()
  expect(await visit(...visitor)).toBe(403)
})

test.each<[string, ...Parameters<typeof visit>]>([
  ['the page itself', { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'empty' }],
  ['an address that was typed', { 'sec-fetch-site': 'none', 'sec-fetch-dest': 'document' }],
  ['a link on another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' }],
])('%s is answered', async (_, ...visitor) => {
  expect(await visit(...visitor)).toBe(200)
})

test.each(['cf-ray', 'x-real-ip', 'forwarded', 'x-original-host', 'x-forwarded-proto'])(
  'a proxy that sends %s is refused',
  async (name) => {
    expect(await visit({ [name]: 'x' })).toBe(403)
  },
)

test('replay sends the same bytes, sign sends them signed now; both name what they repeat', async () => {
  const { headers, body } = await staleRequest({ secret, id: 'msg_2', payload: { type: 'a' } })
  await fetch(`${listener.url}/x`, { method: 'POST', headers, body })
  const init = { method: 'POST', headers: { origin: listener.url } }
  for (const action of ['replay', 'sign']) {
    expect((await fetch(`${listener.url}${ROOT}/deliveries/1/${action}`, init)).status).toBe(200)
  }
  const lines = await listener.lines(3)
  expect(lines[1]).toMatch(/timestamp_too_old .*msg_2.*repeats #1/)
  expect(lines[2]).toMatch(/accepted .*msg_2.*repeats #1/)
  const detail = async (number: number) =>
    (await fetch(`${listener.url}${ROOT}/deliveries/${number}`)).json()
  const [first, second] = [await detail(1), await detail(2)]
  const signed = (lines: [string, string][]) => lines.filter(([name]) => /^webhook-/.test(name))
  expect(signed(second.headers)).toEqual(signed(first.headers))
  expect(first).toMatchObject({ canSign: true, findings: [{ code: 'clock_skew' }] })
})

test('events: what is there, what comes, and the rest after a lost connection', async () => {
  await post()
  const decoder = new TextDecoder()
  async function read(wanted: number, headers: Record<string, string> = {}) {
    const { body } = await fetch(`${listener.url}${ROOT}/events`, { headers })
    let stream = ''
    for await (const chunk of body ?? []) {
      stream += decoder.decode(chunk)
      const found = [...stream.matchAll(/^data: (\[.*\])$/gm)].flatMap(([, data]) =>
        JSON.parse(data ?? ''),
      )
      if (found.length >= wanted) {
        const ids = [...stream.matchAll(/^id: (.*)$/gm)]
        return { found, lastId: ids.at(-1)?.[1] ?? '', isStart: stream.includes('event: start') }
      }
    }
    throw new Error('the stream ended')
  }
  const first = await read(1)
  expect(first).toMatchObject({ isStart: true, found: [{ number: 1, id: 'msg_1', status: 204 }] })
  await post()
  await listener.lines(2)
  const second = await read(1, { 'last-event-id': first.lastId })
  expect(second).toMatchObject({ isStart: false, found: [{ number: 2 }] })
  expect(await read(2, { 'last-event-id': 'another-run-7' })).toMatchObject({ isStart: true })
})

test('a capture can be downloaded; a number that is not there is gone', async () => {
  await post()
  const answer = await fetch(`${listener.url}${ROOT}/deliveries/1/capture`)
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="[\w-]+\.json"$/)
  expect(await answer.json()).toMatchObject({ version: 1, method: 'POST' })
  expect((await fetch(`${listener.url}${ROOT}/deliveries/9`)).status).toBe(410)
  expect((await fetch(`${listener.url}${ROOT}/x`)).status).toBe(404)
})

test('a body that is too large is not kept: nothing can be sent again', async () => {
  const { headers, body } = await signedRequest({ secret, body: Buffer.alloc(1_048_577, 32) })
  await fetch(`${listener.url}/x`, { method: 'POST', headers, body: new Uint8Array(body) })
  const at = `${listener.url}${ROOT}/deliveries/1`
  expect(await (await fetch(at)).json()).toMatchObject({
    code: 'body_too_large',
    size: 1_048_577,
    hasBody: false,
    canSign: false,
    findings: [],
  })
  for (const action of ['replay', 'sign']) {
    const init = { method: 'POST', headers: { origin: listener.url } }
    const answer = await fetch(`${at}/${action}`, init)
    expect([answer.status, await answer.text()]).toEqual([
      409,
      'the body of this delivery is not kept\n',
    ])
  }
})

test('the bytes of a body are no page, and an accepted delivery needs no finding', async () => {
  const { headers, body } = await signedRequest({ secret, body: Buffer.from('<p>') })
  await fetch(`${listener.url}/x`, { method: 'POST', headers, body: new Uint8Array(body) })
  await post()
  const root = `${listener.url}${ROOT}/deliveries`
  const answer = await fetch(`${root}/1/body`)
  expect(answer.headers.get('content-type')).toBe('application/octet-stream')
  expect(await answer.text()).toBe('<p>')
  expect(await (await fetch(`${root}/2`)).json()).toMatchObject({
    verdict: 'accepted',
    findings: [],
    canSign: true,
  })
})

test('the answer of the application is shown, and what was not kept is not handed on', async () => {
  await listener.close()
  let asked = 0
  const application = await listening((request, response) => {
    asked++
    request.resume()
    response.writeHead(201, { 'x-mine': '1' }).end('x'.repeat(20_000))
  })
  listener = await startListen({ COUNTERSIGN_SECRET: secret }, '--forward-to', application.url)
  await post()
  const at = `${listener.url}${ROOT}/deliveries/1?x=1`
  const { answer, forwarded, status } = await (await fetch(at)).json()
  expect(answer.body).toBe('x'.repeat(16_384))
  expect(answer.headers).toContainEqual(['x-mine', '1'])
  expect(forwarded).toMatchObject({ status: 201 })
  expect(status).toBe(201)
  const large = await signedRequest({ secret, body: Buffer.alloc(1_048_577, 32) })
  const init = { method: 'POST', headers: large.headers, body: new Uint8Array(large.body) }
  expect((await fetch(`${listener.url}/x`, init)).status).toBe(413)
  expect(asked).toBe(1)
  await application.close()
})

test('with a public key nothing can be signed, and the page says so', async () => {
  await listener.close()
  const { publicKey, secret: own } = await generateKeyPair()
  listener = await startListen({ COUNTERSIGN_SECRET: publicKey })
  const { headers, body } = await signedRequest({ secret: own })
  await fetch(`${listener.url}/x`, { method: 'POST', headers, body: new Uint8Array(body) })
  const at = `${listener.url}${ROOT}/deliveries/1`
  expect(await (await fetch(at)).json()).toMatchObject({ verdict: 'accepted', canSign: false })
  const init = { method: 'POST', headers: { origin: listener.url } }
  expect((await fetch(`${at}/sign`, init)).status).toBe(409)
  expect((await fetch(`${at}/replay`, init)).status).toBe(200)
})

test('the history is bounded in number and in bytes', () => {
  const history = createHistory(10, 1000)
  const kept = (number: number): Kept => ({
    listed: { number } as Kept['listed'],
    captured: { method: 'POST', url: '/', headers: [], body: new Uint8Array(300) },
    hasBody: true,
  })
  for (let number = 1; number <= 500; number++) history.add(kept(number))
  const listed = history.since(0)
  expect(listed.map(({ listed }) => listed.number)).toEqual([
    491, 492, 493, 494, 495, 496, 497, 498, 499, 500,
  ])
  expect(listed.filter(({ hasBody }) => hasBody)).toHaveLength(3)
  expect(history.get(200)).toBeUndefined()
})
