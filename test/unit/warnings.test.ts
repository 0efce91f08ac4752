import { describe, expect, test } from '@jest/globals'
import { createVerifier, memoryStore, rotatingSecret } from 'countersign'
import { accountSecret } from 'countersign/account'
import { createReceiver, type ReceiverOptions } from 'countersign/http'
import { generateSecret } from 'countersign/sign'
import { clock, fakeAccount, signedRequest } from 'countersign/testing'

const secret = generateSecret()

/** The lines that two deliveries in a row cause. */
async function linesFor(options: Partial<ReceiverOptions>, now?: () => number): Promise<string[]> {
  const lines: string[] = []
  const receive = createReceiver({ secret, warn: (text) => void lines.push(text), ...options })
  for (let times = 0; times < 2; times++) {
    const { headers, body } = await signedRequest({ secret, ...(now && { now }) })
    await receive({ headers, readBody: () => body, context: {} })
  }
  return lines
}

const failingStore = { ...memoryStore(), claim: () => Promise.reject(new Error('ECONNREFUSED')) }
const failed = (): never => {
  throw Object.assign(new Error('password=zebra'), { code: 'ECONNREFUSED' })
}

describe('a set-up that refuses every delivery', () => {
  test.each<[string, Partial<ReceiverOptions>, RegExp]>([
    [
      'a secret function that returns undefined',
      { secret: () => undefined },
      /returned nothing.*check/,
    ],
    [
      'a secret function that returns an empty string',
      { secret: () => '' },
      /returned something unusable/,
    ],
    [
      'a secret function that returns a short secret',
      { secret: () => 'wh_asdf1234' },
      /unusable.*key bytes/,
    ],
    [
      'a secret function that throws',
      { secret: failed },
      /could not be looked up.*\(Error ECONNREFUSED\).*onVerdict/,
    ],
    [
      'a source without keys',
      { secret: { read: () => ({ keys: [] }), reread: () => ({ keys: [] }) } },
      /no keys/,
    ],
    [
      'a store that is down',
      { idempotency: failingStore },
      /store_unavailable.*connection.*onStoreError/,
    ],
  ])('%s: one line that names the fix', async (_, options, expected) => {
    const lines = await linesFor(options)
    expect(lines).toEqual([expect.stringMatching(expected)])
    expect(lines.join()).not.toMatch(/zebra|\n/)
    expect(await linesFor({ ...options, onVerdict: () => {} })).toEqual([])
    expect(await linesFor({ ...options, warn: false })).toEqual([])
  })

  test('a store that is down: not if its onError gets the error, nor if the delivery is handled anyway', async () => {
    for (const more of [{ onError: () => {} }, { onStoreError: 'process' as const }])
      expect(await linesFor({ idempotency: { store: failingStore, ...more } })).toEqual([])
  })

  test('an account that refuses the token: one line, unless onError gets it', async () => {
    const { baseUrl, close } = await fakeAccount({ secret })
    const wrong = (onError?: () => void) =>
      accountSecret({ token: 'not-the-token', baseUrl, onError })
    expect(await linesFor({ secret: wrong() })).toEqual([
      expect.stringMatching(/secret_unavailable.*401.*check the token/),
    ])
    expect(await linesFor({ secret: wrong(() => {}) })).toEqual([])
    await close()
  })

  test('a token that is refused while old keys are known: one line, and none for an account that is only down', async () => {
    for (const [status, expected] of [
      [401, [expect.stringMatching(/signature_undecided.*answered 401.*check the token/)]],
      [503, []],
    ] as const) {
      for (const more of [{}, { onError: () => {} }]) {
        const time = clock(Date.now())
        let answer = Response.json({ info: { webhookEventsHmacSecret: generateSecret() } })
        const fetch = async (): Promise<Response> => answer.clone()
        const source = accountSecret({ token: 'token', fetch, now: time, timeout: 0.05, ...more })
        await source.refresh()
        answer = Response.json({}, { status })
        time.advance(100)
        const lines = await linesFor({ secret: source, now: time }, time)
        expect(lines).toEqual('onError' in more ? [] : expected)
      }
    }
  })

  test('an account that cannot be reached: one line', async () => {
    const fetch = (): Promise<never> => Promise.reject(new TypeError('fetch failed'))
    const source = accountSecret({ token: 'token', fetch, timeout: 0.01 })
    expect(await linesFor({ secret: source })).toEqual([
      expect.stringMatching(/could not be reached/),
    ])
  })

  test('a source of your own that fails: its words are not printed', async () => {
    const source = rotatingSecret({ fetch: failed, timeout: 0.01 })
    const lines = await linesFor({ secret: source })
    expect(lines).toEqual([expect.stringMatching(/could not be fetched/)])
    expect(lines.join()).not.toContain('zebra')
  })
})

describe('createVerifier', () => {
  test('warns too, of a parsed body', async () => {
    const lines: string[] = []
    const verify = createVerifier({ secret, warn: (text) => void lines.push(text) })
    const { headers } = await signedRequest({ secret })
    await verify.check({ parsed: true } as never, headers)
    await verify.check({ parsed: true } as never, headers)
    expect(lines).toEqual([expect.stringMatching(/body_unavailable.*before any parser/)])
  })

  test('a warn function that fails changes nothing', async () => {
    const verify = createVerifier({ secret: () => undefined, warn: failed })
    const { headers, body } = await signedRequest({ secret })
    const printed: unknown[] = []
    const { error } = console
    console.error = (...words) => void printed.push(words)
    const verdict = await verify.check(body, headers)
    console.error = error
    expect(verdict).toMatchObject({ ok: false, error: { code: 'secret_unavailable' } })
    expect(printed).toHaveLength(1)
  })
})
