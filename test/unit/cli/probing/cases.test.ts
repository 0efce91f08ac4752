import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { createVerifier } from 'countersign'
import { generateKeyPair, generateSecret } from 'countersign/sign'
import { AUTHENTIC_CASES } from '../../../../src/cli/probing/authentic-cases.js'
import { FORGED_CASES } from '../../../../src/cli/probing/forged-cases.js'
import { createMaker } from '../../../../src/cli/probing/maker.js'
import type { ProbeRequest } from '../../../../src/cli/probing/probe-case.js'

const secret = generateSecret()
const maker = createMaker([secret])
const verifier = createVerifier({ secret, parse: 'none' })

async function make(name: string): Promise<readonly ProbeRequest[]> {
  const probed = [...AUTHENTIC_CASES, ...FORGED_CASES].find((each) => each.name === name)
  const made = await probed?.make(maker)
  if (!made) throw new Error(`nothing was made for ${name}`)
  return 'headers' in made ? [made] : made
}

interface Sent {
  readonly id: string
  readonly timestamp: string
  readonly signature: string
  readonly body: Buffer
  readonly request: ProbeRequest
}

async function sent(name: string): Promise<Sent> {
  const [request] = await make(name)
  if (!request) throw new Error('nothing')
  const value = (header: string): string =>
    request.headers.find(([each]) => each.toLowerCase() === header)?.[1] ?? ''
  return {
    id: value('webhook-id'),
    timestamp: value('webhook-timestamp'),
    signature: value('webhook-signature'),
    body: Buffer.from(request.body),
    request,
  }
}

/** The verdict on the delivery with these headers instead. */
async function verdict({ id, timestamp, signature, body }: Omit<Sent, 'request'>): Promise<string> {
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signature,
  }
  const result = await verifier.check(body, headers)
  return result.ok ? 'authentic' : result.error.code
}

const age = ({ timestamp }: Sent): number => maker.now - Number(timestamp)

describe('an authentic case', () => {
  test.each(AUTHENTIC_CASES.map(({ name }) => name))('%s is authentic', async (name) => {
    for (const { headers, body } of await make(name)) {
      expect(await verifier.check(body, headers)).toMatchObject({ ok: true })
    }
  })

  test('has the property that its text names', async () => {
    expect(String((await sent('authentic-newline')).body)).toMatch(/\}\n$/)
    expect(String((await sent('authentic-line-ends')).body)).toMatch(/\r\n.*\r\n$/s)
    expect(String((await sent('authentic-unicode')).body)).toMatch(/e\u0301.*\u{1f98a}.*\ufeff/u)
    expect((await sent('authentic-90-kib')).body.length).toBeGreaterThan(90 * 1024)
    const odd = String((await sent('authentic-unusual-json')).body)
    expect(JSON.stringify(JSON.parse(odd))).not.toBe(odd)
    const chunked = (await sent('authentic-chunked')).request.headers
    expect(chunked).toContainEqual(['transfer-encoding', 'chunked'])
    const list = (await sent('authentic-signature-list')).signature.split(' ')
    expect(list).toHaveLength(2)
    expect((await sent('authentic-unknown-version')).signature).toMatch(/^v9,\S+ v1,/)
    const names = (await sent('authentic-header-case')).request.headers.map(([name]) => name)
    expect(names).toContain('Webhook-Signature')
    const charset = (await sent('authentic-charset')).request.headers
    expect(charset).toContainEqual(['content-type', 'application/json; charset=utf-8'])
    expect(age(await sent('authentic-4-minutes-old'))).toBe(240)
    expect(age(await sent('authentic-1-minute-ahead'))).toBe(-60)
    expect((await sent('authentic-empty')).body).toHaveLength(0)
    const cut = String((await sent('authentic-no-json')).body)
    expect(() => JSON.parse(cut)).toThrow()
    const bytes = (await sent('authentic-no-utf-8')).body
    expect(Buffer.from(String(bytes))).not.toEqual(bytes)
  })

  test('the first signature of a list is of another key', async () => {
    const list = await sent('authentic-signature-list')
    const [first = '', second = ''] = list.signature.split(' ')
    expect(await verdict({ ...list, signature: first })).toBe('signature_mismatch')
    expect(await verdict({ ...list, signature: second })).toBe('authentic')
  })

  test('duplicated is one id in two attempts, signed at two times', async () => {
    const lines = (await make('duplicated')).map(({ headers }) => Object.fromEntries(headers))
    const [first, second] = lines
    expect(lines).toHaveLength(2)
    expect(first?.['webhook-id']).toBe(second?.['webhook-id'])
    expect(first?.['webhook-timestamp']).not.toBe(second?.['webhook-timestamp'])
  })
})

describe('a forged case is authentic but for what its text names', () => {
  test.each<[name: string, undo: (sent: Sent) => Partial<Sent>]>([
    ['no-version', ({ signature }) => ({ signature: `v1,${signature}` })],
    ['other-version', ({ signature }) => ({ signature: signature.replace('v9,', 'v1,') })],
    ['crossed-version', ({ signature }) => ({ signature: signature.replace('v1a,', 'v1,') })],
    [
      'hex-signature',
      ({ signature }) => ({
        signature: `v1,${Buffer.from(signature.slice(3), 'hex').toString('base64')}`,
      }),
    ],
    ['unpadded-signature', ({ signature }) => ({ signature: `${signature}=` })],
    [
      'stray-bits',
      ({ signature }) => ({
        signature: `v1,${Buffer.from(signature.slice(3), 'base64').toString('base64')}`,
      }),
    ],
    ['signature-and-more', ({ signature }) => ({ signature: signature.replace(/,x$/, '') })],
    [
      'many-candidates',
      ({ signature }) => {
        const all = signature.split(' ')
        expect(new Set(all).size).toBe(101)
        return { signature: all.at(-1) ?? '' }
      },
    ],
    ['timestamp-and-more', ({ timestamp }) => ({ timestamp: timestamp.replace(/abc$/, '') })],
    ['timestamp-fraction', ({ timestamp }) => ({ timestamp: timestamp.replace(/\.5$/, '') })],
    ['timestamp-plus', ({ timestamp }) => ({ timestamp: timestamp.replace(/^\+/, '') })],
    ['other-id', ({ id }) => ({ id: id.replace(/x$/, '') })],
    ['tampered-body', ({ body }) => ({ body: undo(body, '{"tampered":true,', '{') })],
    ['tampered-space', ({ body }) => ({ body: undo(body, ': ', ':') })],
    ['gzip', ({ body }) => ({ body: gunzipSync(body) })],
    ['two-ids', () => ({})],
    ['oversized', () => ({})],
  ])('%s', async (name, change) => {
    const forged = await sent(name)
    expect(await verdict({ ...forged, ...change(forged) })).toBe('authentic')
  })

  const undo = (body: Buffer, forged: string, authentic: string): Buffer =>
    Buffer.from(String(body).replace(forged, authentic))

  test('cut-signature is the first half of a signature', async () => {
    const { signature } = await sent('cut-signature')
    expect(signature).toMatch(/^v1,[\w+/]{22}$/)
  })

  test('stale ones and those of the future were signed with the key', async () => {
    for (const [name, seconds] of [
      ['stale', 600],
      ['stale-for-a-day', 86_400],
      ['future', -600],
    ] as const) {
      const forged = await sent(name)
      expect(age(forged)).toBe(seconds)
      const now = (): number => Number(forged.timestamp) * 1000
      const then = createVerifier({ secret, now })
      expect(await then.check(forged.body, forged.request.headers)).toMatchObject({ ok: true })
    }
  })

  test('a renewed timestamp is now', async () => {
    const forged = await sent('renewed-timestamp')
    expect(age(forged)).toBe(0)
    const timestamp = String(maker.now - 3600)
    const signature = maker.mac(`${forged.id}.${timestamp}.${forged.body}`)
    expect(signature).toBe(forged.signature)
  })

  test('what no signer makes is signed with the key, over what is sent', async () => {
    for (const [name, id, timestamp] of [
      ['timestamp-words-signed', /^msg_/, /^NaN$/],
      ['timestamp-milliseconds', /^msg_/, /^\d{13}$/],
      ['long-id', /^msg_x{3996}$/, /^\d{10}$/],
      ['moved-cut', /^msg_[^.]+\.\d{10}$/, /^\d{10}$/],
    ] as const) {
      const forged = await sent(name)
      expect(forged.id).toMatch(id)
      expect(forged.timestamp).toMatch(timestamp)
      const signature = maker.mac(`${forged.id}.${forged.timestamp}.${forged.body}`)
      expect(signature).toBe(forged.signature)
    }
    expect(age(await sent('moved-cut'))).toBe(0)
  })

  test('the others lack or replace one thing', async () => {
    const names = async (name: string): Promise<string[]> =>
      (await sent(name)).request.headers.map(([header]) => header).sort()
    expect(await names('no-headers')).toEqual(['content-type'])
    for (const header of ['signature', 'id', 'timestamp']) {
      const expected = ['content-type', 'webhook-id', 'webhook-signature', 'webhook-timestamp']
      expect(await names(`no-${header}`)).toEqual(
        expected.filter((name) => name !== `webhook-${header}`),
      )
    }
    const empty = await sent('empty-signature')
    expect(empty.request.headers).toContainEqual(['webhook-signature', ''])
    expect((await sent('empty-candidate')).signature).toBe('v1,')
    expect((await sent('timestamp-words')).timestamp).toBe('now')
    const unset = await sent('empty-key')
    const content = `${unset.id}.${unset.timestamp}.${unset.body}`
    expect(unset.signature).toBe(maker.mac(content, new Uint8Array()))
    const two = (await sent('two-ids')).request.headers.filter(([name]) => name === 'webhook-id')
    expect(new Set(two.map(([, id]) => id)).size).toBe(2)
    expect((await sent('gzip')).request.headers).toContainEqual(['content-encoding', 'gzip'])
    expect((await sent('oversized')).body.length).toBeGreaterThan(8 * 1_048_576)
  })

  test('none of them is authentic', async () => {
    for (const { name } of FORGED_CASES) {
      if (['two-ids', 'oversized', 'gzip'].includes(name)) continue
      const { request } = await sent(name)
      expect([name, (await verifier.check(request.body, request.headers)).ok]).toEqual([
        name,
        false,
      ])
    }
  })
})

test('with a key that makes no MAC, cases that need one are left out', async () => {
  const asymmetric = createMaker([(await generateKeyPair()).secret])
  const cases = await Promise.all(FORGED_CASES.map((probed) => probed.make(asymmetric)))
  const left = FORGED_CASES.filter((_, i) => cases[i] === undefined).map(({ name }) => name)
  expect(left).toEqual(['timestamp-words-signed', 'timestamp-milliseconds', 'long-id'])
})
