import { describe, expect, jest, test } from '@jest/globals'
import { isWebhookError, WebhookError } from '../../../src/base/errors.js'
import type { SecretInput, SecretSource, VerifierOptions } from '../../../src/delivery/types.js'
import { createSourceFor, unavailable } from '../../../src/sources/source-for.js'
import { createVerifier } from '../../../src/verify.js'
import { handSigned, KEY, now, OTHER_KEY, SECRET } from '../../support/signing.js'

const OTHER = `wh_${OTHER_KEY.toString('base64')}`

async function codeWith(secret: VerifierOptions['secret'], options = {}): Promise<string> {
  const { body, headers } = handSigned()
  const verdict = await createVerifier({ secret, now, ...options }).check(body, headers)
  return verdict.ok ? 'accepted' : verdict.error.code
}

describe('a secret that is there at creation', () => {
  test.each<[string, SecretInput]>([
    ['text', SECRET],
    ['bytes', new Uint8Array(KEY)],
    ['an encoded secret', { value: KEY.toString('hex'), encoding: 'hex' }],
    ['a list', [OTHER, SECRET]],
  ])('%s verifies', async (_, secret) => {
    expect(await codeWith(secret)).toBe('accepted')
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 42],
    ['an empty list', []],
    ['a list in a list', [[SECRET]]],
    ['an object of another kind', {}],
    ['a promise', Promise.resolve(SECRET)],
  ])('%s is a TypeError at once', (_, secret) => {
    expect(() => createSourceFor(secret as SecretInput, 24)).toThrow(TypeError)
  })

  test('nothing is named in words', () => {
    expect(() => createSourceFor(undefined as unknown as SecretInput, 24)).toThrow(
      'the secret is undefined: is the environment variable set?',
    )
  })

  test('a list that changes later does not change the verifier', async () => {
    const secrets = [SECRET]
    const verify = createVerifier({ secret: secrets, now })
    secrets[0] = OTHER
    const { body, headers } = handSigned()
    expect((await verify.check(body, headers)).ok).toBe(true)
  })

  test('bytes that change later do not change the verifier', async () => {
    const bytes = Buffer.from(KEY)
    const verify = createVerifier({ secret: bytes, now })
    bytes.fill(0)
    const { body, headers } = handSigned()
    expect((await verify.check(body, headers)).ok).toBe(true)
  })
})

describe('a secret function', () => {
  test.each<[string, () => unknown]>([
    ['text', () => SECRET],
    ['text, later', async () => SECRET],
    ['bytes', () => new Uint8Array(KEY)],
    ['a list', () => [OTHER, SECRET]],
    ['a source', () => ({ read: () => ({ keys: [SECRET] }), reread: () => ({ keys: [SECRET] }) })],
  ])('may return %s', async (_, secret) => {
    expect(await codeWith(secret as () => SecretInput)).toBe('accepted')
  })

  test.each<[string, () => unknown]>([
    ['returns undefined', () => undefined],
    ['returns null', () => null],
    ['resolves to undefined', async () => undefined],
    [
      'throws',
      () => {
        throw new Error('vault is down')
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('vault is down')
      },
    ],
    [
      'throws undefined',
      () => {
        throw undefined
      },
    ],
    ['returns an empty text', () => ''],
    ['returns no bytes', () => new Uint8Array(0)],
    ['returns an empty list', () => []],
    ['returns a short secret', () => 'wh_asdf1234'],
    ['returns a private key', () => `whsk_${KEY.toString('base64')}`],
    ['returns what is no secret', () => 42],
    ['returns a function', () => () => SECRET],
  ])('that %s: secret_unavailable, with a time to try again', async (_, secret) => {
    const { body, headers } = handSigned()
    const verify = createVerifier({ secret: secret as () => SecretInput, now })
    const verdict = await verify.check(body, headers)
    expect(verdict).toMatchObject({
      ok: false,
      error: { code: 'secret_unavailable', retryAfter: expect.any(Number) },
    })
  })

  test.each<[() => unknown, string]>([
    [
      () => undefined,
      'the secret function returned nothing: check the variable, the binding or the',
    ],
    [() => null, 'the secret function returned nothing: check the variable, the binding or the'],
    [() => '', 'the secret function returned something unusable: the secret is empty: is the'],
    [() => [], 'the secret function returned something unusable: the list of secrets is empty'],
    [
      () => Promise.reject(Object.assign(new TypeError('down'), { code: 'EPIPE' })),
      'the secret could not be looked up (TypeError EPIPE): check the secret function or source; onVerdict gets',
    ],
  ])('is named in the message: %p', async (secret, message) => {
    const { body, headers } = handSigned()
    const verify = createVerifier({ secret: secret as () => SecretInput, now, warn: false })
    await expect(verify(body, headers)).rejects.toThrow(message)
  })

  test('that always returns the same text: it is imported once', async () => {
    let text = SECRET
    const sourceFor = createSourceFor(() => text, 24)
    const first = await sourceFor({})
    expect(await sourceFor({})).toBe(first)
    text = OTHER
    expect(await sourceFor({})).not.toBe(first)
  })

  test('that returns something unusable: the TypeError is the cause', async () => {
    const { body, headers } = handSigned()
    const verify = createVerifier({ secret: () => 'wh_asdf1234', now, warn: false })
    await expect(verify(body, headers)).rejects.toMatchObject({ cause: expect.any(TypeError) })
  })

  test('keeps its error as the cause', async () => {
    const cause = new Error('vault is down')
    const { body, headers } = handSigned()
    const verify = createVerifier({ secret: () => Promise.reject(cause), now })
    await expect(verify(body, headers)).rejects.toMatchObject({ cause })
  })

  test('may choose the verdict with a WebhookError', async () => {
    const error = new WebhookError('header_malformed', 'no such tenant')
    expect(
      await codeWith(() => {
        throw error
      }),
    ).toBe('header_malformed')
    expect(await codeWith(() => Promise.reject(error))).toBe('header_malformed')
  })

  test('is called with the context, for each delivery', async () => {
    const secret = jest.fn((context: { request?: unknown }) =>
      context.request === 'tenant A' ? SECRET : OTHER,
    )
    const verify = createVerifier({ secret, now })
    const { body, headers } = handSigned()
    expect((await verify.check(body, headers, { request: 'tenant A' })).ok).toBe(true)
    expect((await verify.check(body, headers, { request: 'tenant B' })).ok).toBe(false)
    expect((await verify.check(body, headers, { request: 'tenant A' })).ok).toBe(true)
    expect(secret).toHaveBeenCalledTimes(3)
    expect(secret.mock.calls[1]?.[0]).toEqual({ request: 'tenant B' })
  })

  test('two tenants at once each get their own secret', async () => {
    const secret = async ({ request }: { request?: unknown }): Promise<string> =>
      request === 'A' ? SECRET : OTHER
    const verify = createVerifier({ secret, now })
    const a = handSigned()
    const b = handSigned({ key: OTHER_KEY })
    const verdicts = await Promise.all([
      verify.check(a.body, a.headers, { request: 'A' }),
      verify.check(b.body, b.headers, { request: 'B' }),
      verify.check(a.body, a.headers, { request: 'B' }),
      verify.check(b.body, b.headers, { request: 'A' }),
    ])
    expect(verdicts.map(({ ok }) => ok)).toEqual([true, true, false, false])
  })

  test('is not asked about a delivery that a cheap rule refuses', async () => {
    const secret = jest.fn(() => SECRET)
    const verify = createVerifier({ secret, now })
    const { body, headers } = handSigned()
    for (const hostile of [
      {},
      { ...headers, 'webhook-id': '' },
      { ...headers, 'webhook-timestamp': '1' },
      { ...headers, 'webhook-signature': 'v2,abc v1,abc' },
    ]) {
      expect((await verify.check(body, hostile)).ok).toBe(false)
    }
    expect(secret).not.toHaveBeenCalled()
  })

  test('that changes the list it returns: the change counts', async () => {
    const secrets = [SECRET]
    const verify = createVerifier({ secret: () => secrets, now })
    const rotated = handSigned({ key: OTHER_KEY })
    expect((await verify.check(rotated.body, rotated.headers)).ok).toBe(false)
    secrets.unshift(OTHER)
    expect((await verify.check(rotated.body, rotated.headers)).ok).toBe(true)
  })

  test('honours minSecretBytes', async () => {
    expect(await codeWith(() => SECRET, { minSecretBytes: 33 })).toBe('secret_unavailable')
    expect(await codeWith(() => 'wh_asdf1234', { minSecretBytes: 6 })).toBe('signature_mismatch')
  })
})

describe('a custom source', () => {
  const source = (read: () => unknown, reread = read): SecretSource =>
    ({ read, reread }) as SecretSource

  test.each<[string, SecretSource, string]>([
    ['raw secrets', source(() => ({ keys: [OTHER, SECRET] })), 'accepted'],
    ['raw secrets, later', source(async () => ({ keys: [SECRET] })), 'accepted'],
    ['no match, nothing said', source(() => ({ keys: [OTHER] })), 'signature_undecided'],
    ['no match, current', source(() => ({ keys: [OTHER], current: true })), 'signature_mismatch'],
    ['no key', source(() => ({ keys: [] })), 'secret_unavailable'],
    ['no key, current', source(() => ({ keys: [], current: true })), 'secret_unavailable'],
    ['an unusable key', source(() => ({ keys: ['wh_asdf1234'] })), 'secret_unavailable'],
    ['an empty key', source(() => ({ keys: [''] })), 'secret_unavailable'],
    [
      'a throw',
      source(() => {
        throw new Error('down')
      }),
      'secret_unavailable',
    ],
    [
      'a rejection',
      source(async () => {
        throw new Error('down')
      }),
      'secret_unavailable',
    ],
    ['what is no key set', source(() => undefined), 'secret_unavailable'],
    [
      'the right key on the second look',
      source(
        () => ({ keys: [OTHER] }),
        () => ({ keys: [SECRET] }),
      ),
      'accepted',
    ],
    [
      'a second look that throws',
      source(
        () => ({ keys: [OTHER] }),
        () => {
          throw new Error('down')
        },
      ),
      'secret_unavailable',
    ],
    [
      'a second look that finds no key',
      source(
        () => ({ keys: [OTHER] }),
        () => ({ keys: [], current: true }),
      ),
      'secret_unavailable',
    ],
  ])('%s', async (_, secret, code) => {
    expect(await codeWith(secret)).toBe(code)
  })

  test('is asked again once, with the time of signing, only when nothing matched', async () => {
    const reread = jest.fn((_signedAt: number, _context: object) => ({
      keys: [SECRET],
      current: true,
    }))
    const verify = createVerifier({ secret: { read: () => ({ keys: [SECRET] }), reread }, now })
    const { body, headers } = handSigned()
    const context = { request: 'r' }
    await verify(body, headers, context)
    expect(reread).not.toHaveBeenCalled()
    await verify.check('tampered', headers, context)
    expect(reread.mock.calls).toEqual([[1_700_000_000, context]])
  })

  test.each([
    ['given at creation', (source: SecretSource) => source],
    ['returned by a function', (source: SecretSource) => () => source],
    ['returned later', (source: SecretSource) => async () => source],
  ])('is asked through `arrive`, once for each delivery: %s', async (_how, secretOf) => {
    const calls: string[] = []
    const unused = (): never => {
      throw new Error('not asked through arrive')
    }
    const answer = (call: string) => {
      calls.push(call)
      return { keys: [OTHER], current: true }
    }
    let arrivals = 0
    const arrive: SecretSource['arrive'] = () => {
      const id = ++arrivals
      return { read: () => answer(`read ${id}`), reread: () => answer(`reread ${id}`) }
    }
    const verify = createVerifier({
      secret: secretOf({ read: unused, reread: unused, arrive }),
      now,
    })
    const { body, headers } = handSigned()
    for (let times = 0; times < 2; times++) {
      const verdict = await verify.check(body, headers)
      expect(verdict).toMatchObject({ error: { code: 'signature_mismatch' } })
    }
    expect(calls).toEqual(['read 1', 'reread 1', 'read 2', 'reread 2'])
  })

  test.each<[SecretSource, string]>([
    [source(() => ({ keys: [] })), 'the secret source has no keys: check what it reads'],
    [
      source(() => ({ keys: [OTHER] })),
      'no signature matches the known keys, and newer keys could not be read',
    ],
    [
      source(
        () => ({ keys: [OTHER] }),
        () => ({ keys: [OTHER], cause: new Error('the vault is down') }),
      ),
      'no signature matches the known keys, and newer keys could not be read: the vault is down',
    ],
  ])('is named in the message: %p', async (secret, message) => {
    const { body, headers } = handSigned()
    const verdict = await createVerifier({ secret, now, warn: false }).check(body, headers)
    expect(verdict).toMatchObject({ error: { message, retryAfter: 5 } })
  })

  test('decides how long the sender waits', async () => {
    const { body, headers } = handSigned({ key: OTHER_KEY })
    const keys = [SECRET]
    const secret = source(() => ({ keys, retryAfter: 17 }))
    await expect(createVerifier({ secret, now })(body, headers)).rejects.toMatchObject({
      code: 'signature_undecided',
      retryAfter: 17,
    })
  })
})

test('unavailable carries the cause and a time to try again', () => {
  const cause = new Error('down')
  const error = unavailable('the vault is down', { cause, retryAfter: 9 })
  expect(isWebhookError(error)).toBe(true)
  expect(error).toMatchObject({ code: 'secret_unavailable', cause, retryAfter: 9 })
  expect(unavailable('later').retryAfter).toBeGreaterThan(0)
})
