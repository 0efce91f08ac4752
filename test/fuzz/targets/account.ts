import { assertHides, holds, textsOf } from '../engine/find.js'
import type { Line } from '../oracle/delivery.js'
import { keyOf } from '../oracle/secret.js'
import { bytesOf, hmac, NOW, SECRETS } from '../signed.js'
import { defineTarget, type Subject, type Subjects } from '../target.js'

type Input = { readonly status: number; readonly headers: readonly Line[]; readonly body: string }

const TOKEN = 'tok_3c1f9a77be52d04e8a61'

async function run({ status, headers, body }: Input, { node, web }: Subjects): Promise<void> {
  const answer = answerWith(status, headers, bytesOf(body))
  if (!answer()) return
  const fetch = async (): Promise<Response> => answer() as Response
  const account: unknown = await node
    .createAccountClient({ token: TOKEN, fetch })
    .retrieve()
    .catch((error: unknown) => {
      assertTyped(error, secretsIn(body), node)
      return undefined
    })
  if (account === undefined) return
  holds(
    typeof account === 'object' && account !== null,
    'an answer is an object',
    () => typeof account,
  )
  const secret: unknown = Object(Object(account).info).webhookEventsHmacSecret
  for (const subject of [node, web]) await assertKey(subject, fetch, secret)
}

/** The key that the answer holds verifies, and nothing else makes the source fail in another way than it says. */
async function assertKey(
  subject: Subject,
  fetch: () => Promise<Response>,
  secret: unknown,
): Promise<void> {
  const key = typeof secret === 'string' && secret !== '' ? keyOf(secret) : undefined
  const errors: unknown[] = []
  const source = subject.rotatingSecret({
    fetch: async () => {
      const { info } = await subject.createAccountClient({ token: TOKEN, fetch }).retrieve()
      return typeof info?.webhookEventsHmacSecret === 'string' && info.webhookEventsHmacSecret
        ? info.webhookEventsHmacSecret
        : []
    },
    warm: false,
    now: () => NOW * 1000,
    onError: (error) => errors.push(error),
  })
  const verify = subject.createVerifier({ secret: source, now: () => NOW * 1000, warn: false })
  const body = Buffer.from('{}')
  const verdict = await verify.check(body, {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(NOW),
    'webhook-signature': hmac(key?.bytes ?? Buffer.from('no key'), 'msg_1', String(NOW), body),
  })
  source.close()
  const code = verdict.ok ? 'accepted' : verdict.error.code
  const expected = key
    ? key.scheme === 'v1'
      ? ['accepted']
      : ['signature_mismatch', 'signature_undecided']
    : ['secret_unavailable']
  holds(expected.includes(code), 'the key of the answer counts', () =>
    JSON.stringify({ code, secret }),
  )
  const texts = typeof secret === 'string' ? [secret] : []
  for (const error of errors) assertTyped(error, texts, subject)
  if (!verdict.ok) assertHides(textsOf(verdict.error), [TOKEN, ...texts])
}

function assertTyped(error: unknown, secrets: readonly string[], subject: Subject): void {
  holds(error instanceof subject.RefreshError, 'only typed errors', () => textsOf(error))
  const { retryAfter } = Object(error)
  holds(retryAfter === undefined || retryAfter >= 0, 'retryAfter is a wait', () =>
    String(retryAfter),
  )
  assertHides(`${textsOf(error)} ${JSON.stringify(Object(error).details ?? '')}`, [
    TOKEN,
    ...secrets,
  ])
}

/** Texts that look like a secret, which an error must not repeat. */
function secretsIn(body: string): string[] {
  return body.match(/wh(sec)?_[\w+/=-]{20,}/g) ?? []
}

function answerWith(status: number, headers: readonly Line[], body: Buffer) {
  const code = status >= 200 && status <= 599 ? status : 200 + (Math.abs(status) % 400)
  const isBodyless = [204, 205, 304].includes(code)
  return (): Response | undefined => {
    try {
      return new Response(isBodyless ? null : new Uint8Array(body), {
        status: code,
        headers: headers as [string, string][],
      })
    } catch {
      return undefined
    }
  }
}

const info = { webhookEventsHmacSecret: SECRETS[1], challengeToken: 'c' }
const whole = { metadata: { id: 'a', accountId: 'a', name: 'n', labels: {} }, spec: {}, info }

export const account = defineTarget<Input>({
  name: 'account',
  seeds: [
    { status: 200, headers: [['content-type', 'application/json']], body: JSON.stringify(whole) },
    {
      status: 200,
      headers: [],
      body: JSON.stringify({ info: { webhookEventsHmacSecret: 'wh_asdf1234' } }),
    },
    {
      status: 429,
      headers: [['retry-after', '7']],
      body: JSON.stringify({ code: 8, message: `slow down ${TOKEN}`, details: [SECRETS[0]] }),
    },
    {
      status: 503,
      headers: [['retry-after', 'Wed, 15 Nov 2023 00:00:00 GMT']],
      body: 'upstream said no',
    },
    { status: 302, headers: [['location', 'https://example.org/']], body: '' },
    {
      status: 401,
      headers: [],
      body: JSON.stringify({ code: 16, message: 'x', details: [{ [TOKEN]: { a: [[[]]] } }] }),
    },
    { status: 200, headers: [], body: '[]' },
  ],
  dictionary: [
    '"info":',
    'webhookEventsHmacSecret',
    TOKEN,
    ...SECRETS,
    'retry-after',
    '-1',
    '1e400',
    '"__proto__":{"a":1}',
    '"toJSON":1',
    '\\u0077h_',
    '{"info":{}}',
    '"then":1',
  ],
  run,
})
