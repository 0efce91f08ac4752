import { inspect } from 'node:util'
import { describe, expect, jest, test } from '@jest/globals'
import { type Cause, type DiagnoseOptions, type Diagnosis, diagnose } from 'countersign/diagnose'
import { createSigner, generateKeyPair } from 'countersign/sign'
import {
  BODY,
  bare,
  cases,
  changed,
  headersOf,
  ID,
  KEY,
  keyed,
  labelled,
  large,
  MANY,
  mac,
  NOW,
  OTHER,
  pairs,
  SECRET,
  written,
} from './broken-deliveries.js'

// Some thousand trials each, on machines that are busy with other things.
jest.setTimeout(60_000)

/** No secret, signature or body, however the result is printed. */
function assertNothingShows(diagnosis: Diagnosis, { secret }: DiagnoseOptions): void {
  const secrets = Array.isArray(secret) ? secret : [secret]
  const given = secrets.flatMap((secret) =>
    typeof secret === 'string' ? secret.trim() : (secret?.value ?? []),
  )
  const hidden = [...given, bare, KEY.toString('hex'), mac({}).toString('base64'), 'Zoë', 'user.']
  const printed = [inspect(diagnosis, { depth: 9, showHidden: true }), String(diagnosis)]
  for (const text of [...printed, JSON.stringify(diagnosis)]) {
    for (const word of hidden) expect(text).not.toContain(word)
  }
}

/** Causes that have one fix and show in many ways: the detail says which. */
const OF_MANY_KINDS =
  /^(body_(whitespace|charset|encoded|wrapped|reserialised)|secret_(prefix|encoding|wrapped|damaged|double)|signature_(encoding|format))/

describe('the true cause comes first, and nothing secret shows', () => {
  test.each(cases)('%s: %s', async (cause, _, options) => {
    const diagnosis = await diagnose({ now: () => NOW * 1000, ...options })
    expect(diagnosis.findings[0]?.code).toBe(cause)
    expect(diagnosis.ok).toBe(false)
    for (const { code, detail } of diagnosis.findings) {
      if (OF_MANY_KINDS.test(code)) expect(detail).toMatch(/\w/)
    }
    assertNothingShows(diagnosis, options)
  })
})

describe('in a large body too', () => {
  test('that is what it is', () => expect(MANY.length).toBeGreaterThan(256 * 1024))
  test.each(large)('%s: %s', async (cause, _, options) => {
    const diagnosis = await diagnose({ now: () => NOW * 1000, ...options })
    expect(diagnosis.findings.map(({ code }) => code)).toEqual([cause])
    expect(diagnosis.ok).toBe(false)
  })
})

test.each(pairs)('together: %p %s', async (causes, _, options) => {
  const { findings } = await diagnose({ now: () => NOW * 1000, ...options })
  expect(findings.map(({ code }) => code).sort()).toEqual([...causes].sort())
})

// RFC 8032, section 7.1, test 1.
const OTHER_PUBLIC_KEY = 'whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='

describe('ed25519', () => {
  const seedOf = (secret: string): string =>
    `whsk_${Buffer.from(secret.slice(5), 'base64').subarray(0, 32).toString('base64')}`
  async function signed(): Promise<{
    secret: string
    publicKey: string
    headers: Record<string, string>
  }> {
    const pair = await generateKeyPair()
    const sign = createSigner({ secret: pair.secret })
    return { ...pair, headers: { ...(await sign(BODY, { id: ID, timestamp: NOW })) } }
  }
  const now = NOW * 1000

  test('verifies', async () => {
    const { publicKey, headers } = await signed()
    expect(await diagnose({ body: BODY, headers, secret: publicKey, now })).toMatchObject({
      ok: true,
      findings: [],
    })
  })

  test.each<
    [Cause, string, (signed: { secret: string; publicKey: string }) => Partial<DiagnoseOptions>]
  >([
    [
      'body_whitespace',
      'a changed body',
      ({ publicKey }) => ({ secret: publicKey, body: `${BODY}\n` }),
    ],
    ['secret_is_private_key', 'whsk_', ({ secret }) => ({ secret })],
    ['secret_is_private_key', 'its seed', ({ secret }) => ({ secret: seedOf(secret) })],
    ['signature_version', 'a shared secret', () => ({ secret: SECRET })],
    ['secret_wrong', 'another key', () => ({ secret: OTHER_PUBLIC_KEY })],
  ])('%s: %s', async (cause, _, change) => {
    const delivery = await signed()
    const options = { body: BODY, headers: delivery.headers, now, ...change(delivery) }
    const { findings } = await diagnose({ secret: '', ...options })
    expect(findings[0]?.code).toBe(cause)
  })

  test('v1 where v1a is meant', async () => {
    const { publicKey, headers } = await signed()
    const signature = headers['webhook-signature']?.replace('v1a,', 'v1,') ?? ''
    const relabelled = { ...headers, 'webhook-signature': signature }
    const { findings } = await diagnose({ body: BODY, headers: relabelled, secret: publicKey, now })
    expect(findings[0]).toMatchObject({ code: 'signature_version', confidence: 'certain' })
  })
})

describe('the clock', () => {
  test.each([
    [301, 301],
    [-301, -301],
    [7200.5, 7200.5],
  ])('%p seconds off: measured', async (by, offset) => {
    const options = labelled({}, {}, headersOf(''))
    const { code, findings } = await diagnose({ ...options, now: new Date((NOW + by) * 1000) })
    expect(code).toBe(by > 0 ? 'timestamp_too_old' : 'timestamp_too_new')
    expect(findings).toMatchObject([{ code: 'clock_skew', confidence: 'certain', offset }])
    expect(findings[0]?.explanation).toContain(`${Math.trunc(Math.abs(by))} seconds`)
  })

  test('within the tolerance nothing is wrong', async () => {
    const options = labelled({}, {}, headersOf(''))
    const diagnosis = await diagnose({ ...options, now: (NOW + 300) * 1000 })
    expect(diagnosis).toMatchObject({ ok: true, findings: [] })
    expect(String(diagnosis)).toBe('This delivery verifies.')
    const wider = await diagnose({ ...options, now: (NOW + 900) * 1000, tolerance: 900 })
    expect(wider.ok).toBe(true)
  })
})

test.each<[string, (record: Record<string, string>) => DiagnoseOptions['headers']]>([
  ['Headers', (record) => new Headers(record)],
  ['Map', (record) => new Map(Object.entries(record))],
  ['rawHeaders', (record) => Object.entries(record).flat()],
  ['pairs', (record) => Object.entries(record) as [string, string][]],
  ['get(name)', (record) => ({ get: (name: string) => record[name] })],
  [
    'svix-*',
    (record) =>
      Object.fromEntries(Object.entries(record).map(([n, v]) => [n.replace('webhook', 'Svix'), v])),
  ],
])('headers as %s', async (_, form) => {
  const { headers, ...options } = changed(`${BODY}\n`, BODY)
  const { findings } = await diagnose({
    ...options,
    headers: form(headers as Record<string, string>),
    now: NOW * 1000,
  })
  expect(findings.map(({ code }) => code)).toEqual(['body_whitespace'])
})

test('a length that does not fit is not the cause if there is a better one', async () => {
  const lossy = Buffer.from([0x22, 0xff, 0xfe, 0x80, 0x22])
  for (const [body, signed, cause] of [
    [lossy.toString(), lossy, 'body_charset'],
    ['[object Object]', BODY, 'body_parsed'],
    ['', BODY, 'body_empty'],
  ] as const) {
    const options = changed(body, signed)
    const headers = { ...options.headers, 'content-length': String(Buffer.byteLength(signed)) }
    const { findings } = await diagnose({ ...options, headers, now: NOW * 1000 })
    expect(findings[0]?.code).toBe(cause)
  }
})

test.each([
  ['a misspelt name', { secrets: SECRET }, 'unknown option secrets'],
  ['no number of seconds', { tolerance: Number.NaN }, 'tolerance must be'],
  ['a negative number', { tolerance: -1 }, 'tolerance must be'],
  ['no time', { now: new Date('soon') }, 'now must be a clock, a valid Date or milliseconds'],
])('an option that cannot be is a mistake of the caller: %s', async (_, option, message) => {
  await expect(diagnose({ ...keyed(KEY), ...option } as DiagnoseOptions)).rejects.toThrow(message)
})

test('the report names the code, the reason, the fix and the page', async () => {
  const report = String(await diagnose({ ...keyed(SECRET), now: NOW * 1000 }))
  expect(report).toContain('signature_mismatch')
  expect(report).toContain('1. secret_used_as_text (certain)')
  expect(report).toContain('Fix: ')
  expect(report).toContain('docs/troubleshooting.md#secret_used_as_text')
})

const HOSTILE = '\x1b[2J\x1b]52;c;cm0=\x07\x9b\u202e\r\n2. forged (certain)'

test.each<[string, DiagnoseOptions]>([
  ['the name of a JSON member', changed(JSON.stringify({ [HOSTILE]: '{"a":1}' }), '{"a":1}')],
  [
    'content-encoding',
    {
      ...changed('{"a":2}', 'b'),
      headers: { ...changed('', 'b').headers, 'content-encoding': HOSTILE },
    },
  ],
  [
    'the name of a header',
    {
      body: '{}',
      secret: SECRET,
      headers: { [`x-hook-${HOSTILE}-signature`]: 'x', 'y-hook-id': '1' },
    },
  ],
  [
    'a member that is the id',
    {
      ...changed(JSON.stringify({ [HOSTILE]: 'x_1' }), ''),
      headers: headersOf(
        `v1,${mac({ id: 'x_1', body: JSON.stringify({ [HOSTILE]: 'x_1' }) }).toString('base64')}`,
      ),
    },
  ],
  [
    'the id, the time and the signature',
    { ...keyed(KEY), headers: headersOf(HOSTILE, HOSTILE, HOSTILE) },
  ],
  ['the label of a signature', written((mac) => `v1${HOSTILE}${mac.toString('base64')}`)],
])('control and bidirectional characters of a stranger are escaped: %s', async (_, options) => {
  const diagnosis = await diagnose({ now: NOW * 1000, ...options })
  expect(diagnosis.findings.length).toBeGreaterThan(0)
  const details = diagnosis.findings.flatMap(({ detail, explanation }) => [
    detail ?? '',
    explanation,
  ])
  for (const text of details) expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(String(diagnosis).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
})

test('JSON that is nested deep, and long runs of white space, take no longer', async () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  const runs = `{"a":"${' '.repeat(200_000)}"}`
  for (const body of [deep, runs, JSON.stringify({ a: deep })]) {
    const { findings } = await diagnose({ ...changed(body, 'b'), now: NOW * 1000 })
    expect(findings[0]?.code).toBe('secret_wrong')
  }
})

test('of what could not be tried nothing is said', async () => {
  const { 'webhook-signature': signature, ...without } = headersOf(
    `v1,${mac({}).toString('base64')}`,
  )
  const codesOf = async (headers: Record<string, string>, secret = OTHER): Promise<string[]> => {
    const { findings } = await diagnose({ body: BODY, headers, secret, now: NOW * 1000 })
    return findings.map(({ code }) => code)
  }
  expect(await codesOf(without)).toEqual(['header_missing'])
  expect(await codesOf({ ...without, 'webhook-signature': 'v1,none' })).toEqual([
    'signature_version',
  ])
  const noId = { ...headersOf(signature ?? ''), 'webhook-id': '' }
  expect(await codesOf(noId)).toEqual(['header_missing'])
  const noSecret = await diagnose({
    body: BODY,
    headers: headersOf('v1,x'),
    secret: [],
    now: NOW * 1000,
  })
  expect(noSecret.findings.map(({ code }) => code)).toEqual(['secret_unusable'])
})

test('a byte order mark is no sign of a body that breaks off', async () => {
  const { findings } = await diagnose({ ...changed('\ufeff[]', 'b'), now: NOW * 1000 })
  expect(findings.map(({ code }) => code)).toEqual(['secret_wrong', 'body_changed'])
})

test('a large body and hostile input end', async () => {
  const big = await diagnose({ ...changed('a'.repeat(300_000), 'b'), now: NOW * 1000 })
  expect(big.findings[0]?.code).toBe('secret_wrong')
  const noise = '"'.repeat(5000) + '\\'.repeat(5000) + ','.repeat(5000)
  const odd = { 'webhook-id': noise, 'webhook-timestamp': noise, 'webhook-signature': noise }
  expect((await diagnose({ body: noise, headers: odd, secret: noise })).ok).toBe(false)
  expect((await diagnose({ body: undefined, headers: undefined as never, secret: [] })).ok).toBe(
    false,
  )
}, 60_000)
