// Checked by the compiler, not run.
import { createVerifier, type Webhook } from 'countersign'
import { type Account, createAccountClient } from 'countersign/account'
import { z } from 'zod'
import { type Equal, expectType } from './equal.js'

interface Ping {
  type: 'ping'
}
const secret = 'wh_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo'
const schema = z.object({ n: z.number().transform(String) })
const headers = new Headers()

export async function payloads(): Promise<void> {
  const plain = await createVerifier({ secret })('', headers)
  expectType<Equal<typeof plain, Webhook<unknown>>>()

  const parsed = await createVerifier({ secret, schema })('', headers)
  expectType<Equal<typeof parsed.payload, { n: string }>>()

  const vouched = await createVerifier<Ping>({ secret })('', headers)
  expectType<Equal<typeof vouched.payload, Ping>>()

  // @ts-expect-error: the schema must give what the type argument promises
  createVerifier<Ping>({ secret, schema })
}

export async function verdicts(): Promise<void> {
  const verdict = await createVerifier({ secret, schema }).check('', headers)
  if (verdict.ok) expectType<Equal<typeof verdict.webhook.payload, { n: string }>>()
  else verdict.error.code satisfies string
  // @ts-expect-error: a verdict that was not looked at has no webhook
  verdict.webhook.id
}

export async function inputs(): Promise<void> {
  const verify = createVerifier({
    secret: [secret, new Uint8Array(32), { value: 'x', encoding: 'hex' }],
  })
  await verify(Buffer.alloc(0), { 'Webhook-Id': 'a', 'x-many': ['a', 'b'], 'x-none': undefined })
  await verify(new ArrayBuffer(0), new Map([['webhook-id', 'a']]))
  await verify('', [['webhook-id', 'a']])
  await verify('', ['webhook-id', 'a'])
  // @ts-expect-error: a parsed body cannot be verified
  await verify({ type: 'ping' }, headers)
}

export async function models(): Promise<void> {
  const account = await createAccountClient({ token: 'token' }).retrieve()
  expectType<Equal<typeof account, Account>>()
  expectType<Equal<typeof account.info.webhookEventsHmacSecret, string | undefined>>()
  expectType<Equal<typeof account.metadata.id, string>>()
  expectType<Equal<typeof account.metadata.labels, Record<string, string> | undefined>>()
}
