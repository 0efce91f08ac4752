import { describe, expect, jest, test } from '@jest/globals'
import {
  createVerifier,
  rotatingSecret,
  type SecretSource,
  type VerificationKey,
} from 'countersign'
import { accountSecret } from 'countersign/account'
import { type DiagnoseOptions, diagnose } from 'countersign/diagnose'
import { createSigner, generateKeyPair } from 'countersign/sign'
import { fakeAccount } from 'countersign/testing'
import { importKey } from '../../../src/delivery/import-key.js'
import {
  BODY,
  changed,
  headersOf,
  ID,
  KEY,
  keyed,
  mac,
  NOW,
  OTHER,
  SECRET,
} from './broken-deliveries.js'

const now = NOW * 1000
const STRANGER = Buffer.from('a key that nobody here has seen')
const broken = changed(`${BODY}\n`, BODY)
/** Text has few other spellings, so that a search for a key that nobody has ends soon. */
const text = (key: Uint8Array): Pick<DiagnoseOptions, 'body' | 'headers'> => ({
  body: 'text',
  headers: headersOf(`v1,${mac({ key, body: 'text' }).toString('base64')}`),
})

async function codesOf(options: DiagnoseOptions): Promise<string[]> {
  const { findings } = await diagnose({ now, ...options })
  return findings.map(({ code }) => code)
}

describe('several secrets', () => {
  test('that another than the first signed is no cause', async () => {
    for (const secret of [
      [OTHER, SECRET],
      [SECRET, OTHER],
    ]) {
      expect(await diagnose({ ...keyed(KEY), secret, now })).toMatchObject({
        ok: true,
        findings: [],
      })
      expect(await codesOf({ ...broken, secret })).toEqual(['body_whitespace'])
      expect(await codesOf({ ...keyed(SECRET), secret })).toEqual(['secret_used_as_text'])
    }
  })
})

describe('everything that the option secret takes', () => {
  const rotating = () => rotatingSecret({ fetch: () => SECRET, now: () => now })
  const ways: [string, () => DiagnoseOptions['secret']][] = [
    ['text', () => SECRET],
    ['bytes', () => KEY],
    ['a list', () => [OTHER, SECRET]],
    ['rotatingSecret', rotating],
    ['a function', () => () => SECRET],
    ['an async function', () => async () => [OTHER, SECRET]],
    ['a function that returns a source', () => rotating],
  ]
  test.each(ways)('%s', async (_, make) => {
    expect((await diagnose({ ...keyed(KEY), secret: make(), now })).ok).toBe(true)
    expect(await codesOf({ ...broken, secret: make() })).toEqual(['body_whitespace'])
    // The characters of the key, as the account would write them.
    expect(await codesOf({ ...keyed(SECRET), secret: make() })).toEqual(['secret_used_as_text'])
    const other = { ...text(STRANGER), secret: make() }
    expect((await codesOf(other))[0]).toBe('secret_wrong')
  })

  test('accountSecret, which is asked for nothing that it does not know', async () => {
    const account = await fakeAccount({ secret: SECRET })
    const { token, baseUrl } = account
    const secret = accountSecret({ token, baseUrl, now: () => now })
    expect(await codesOf({ ...broken, secret })).toEqual(['body_whitespace'])
    expect((await codesOf({ ...text(STRANGER), secret }))[0]).toBe('secret_wrong')
    expect(account.calls).toHaveLength(1)
    await account.close()
  })

  test('a source with a public key', async () => {
    const { secret, publicKey } = await generateKeyPair()
    const headers = await createSigner({ secret })(BODY, { id: ID, timestamp: NOW })
    const source = rotatingSecret({ fetch: () => publicKey, now: () => now })
    const options = { body: `${BODY}\n`, headers: { ...headers }, secret: source }
    expect(await codesOf(options)).toEqual(['body_whitespace'])
  })

  test('a source with keys of its own: body and headers are tried with them', async () => {
    const real = await importKey({ scheme: 'v1', bytes: KEY })
    // A copy has nothing of ours behind it.
    const key: VerificationKey = { ...real }
    const known = { keys: [key], current: true }
    const secret: SecretSource = { read: () => known, reread: () => known }
    expect((await diagnose({ ...keyed(KEY), secret, now })).ok).toBe(true)
    expect(await codesOf({ ...broken, secret })).toEqual(['body_whitespace'])
    const hex = headersOf(`v1,${mac({}).toString('hex')}`)
    expect(await codesOf({ body: BODY, headers: hex, secret })).toEqual(['signature_encoding'])
    expect((await codesOf({ ...keyed(SECRET), secret }))[0]).toBe('secret_wrong')
  })

  test('a function is called once, with the context', async () => {
    const secret = jest.fn(({ env }: { env?: { SECRET: string } }) => env?.SECRET)
    const context = { env: { SECRET } }
    expect(await diagnose({ ...keyed(KEY), secret, context, now })).toMatchObject({ ok: true })
    expect(secret.mock.calls).toEqual([[context]])
  })
})

test.each<[string, DiagnoseOptions['secret'], RegExp]>([
  ['returned nothing', () => undefined, /the secret function returned nothing/],
  [
    'threw',
    () => {
      throw new Error('no such table')
    },
    /threw an error without a context; give diagnose the option context/,
  ],
  ['unusable', () => '$$$', /not base64/],
  [
    'a source that is down',
    rotatingSecret({ fetch: () => Promise.reject(new Error(SECRET)), now: () => now, warm: false }),
    /the source has no secret: /,
  ],
])('a secret that cannot be had is the cause: %s', async (_, secret, detail) => {
  const diagnosis = await diagnose({ ...text(KEY), secret, now })
  expect(diagnosis.findings[0]).toMatchObject({ code: 'secret_unusable', confidence: 'certain' })
  expect(diagnosis.findings[0]?.detail).toMatch(detail)
  expect(JSON.stringify(diagnosis)).not.toMatch(/no such table/)
  expect(JSON.stringify(diagnosis)).not.toContain(SECRET)
})

describe('the receiver’s other options', () => {
  test('minSecretBytes', async () => {
    const key = Buffer.from('asdf1234', 'base64')
    const options = keyed(key, 'wh_asdf1234')
    expect(await codesOf(options)).toEqual(['secret_too_short'])
    expect(await diagnose({ ...options, minSecretBytes: 6, now })).toMatchObject({ ok: true })
  })

  test('headerNames', async () => {
    const names = ['x-id', 'x-time', 'x-sign'] as const
    const headers = Object.fromEntries(
      Object.values(headersOf(`v1,${mac({}).toString('base64')}`)).map((value, i) => [
        names[i],
        value,
      ]),
    ) as Record<string, string>
    const options = { body: BODY, headers, secret: SECRET, headerNames: names }
    expect(await diagnose({ ...options, now })).toMatchObject({ ok: true, findings: [] })
    expect(await codesOf({ ...options, body: `${BODY}\n` })).toEqual(['body_whitespace'])
    const get = { get: (name: string) => headers[name] }
    expect(await codesOf({ ...options, headers: get, body: `${BODY}\n` })).toEqual([
      'body_whitespace',
    ])
    expect(await codesOf({ ...options, headerNames: 'svix' })).toEqual([
      'header_names',
      'header_missing',
    ])
  })
})

describe('error.delivery', () => {
  test('of a verifier says all there is to say', async () => {
    const verify = createVerifier({ secret: SECRET, now: () => now })
    const verdict = await verify.check(`${BODY}\n`, headersOf(`v1,${mac({}).toString('base64')}`))
    const delivery = verdict.ok ? undefined : verdict.error.delivery
    expect(await codesOf({ ...(delivery ?? never()), secret: SECRET })).toEqual(['body_whitespace'])
  })

  test('without a body: only the headers are explained', async () => {
    const headers = headersOf('v1,x', ID, `${NOW}123`)
    const diagnosis = await diagnose({ body: undefined, headers, secret: SECRET, now })
    expect(diagnosis).toMatchObject({ ok: false, code: 'header_malformed' })
    expect(diagnosis.findings.map(({ code }) => code)).toEqual(['timestamp_not_seconds'])
    const well = headersOf(`v1,${mac({}).toString('base64')}`)
    const unknown = await diagnose({ body: undefined, headers: well, secret: SECRET, now })
    expect(unknown).toEqual({ ok: false, findings: [] })
    expect(String(unknown)).toBe('This delivery cannot be verified.')
  })
})

function never(): never {
  throw new Error('no delivery')
}
