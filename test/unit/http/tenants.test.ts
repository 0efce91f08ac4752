import { expect, test } from '@jest/globals'
import { memoryStore } from 'countersign'
import { createReceiver } from 'countersign/http'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'

interface Context {
  readonly request: 'a' | 'b'
}
const secrets = { a: generateSecret(), b: generateSecret() }
const idempotency = () => ({ store: memoryStore() })
const secretOf = ({ request }: Context): string => secrets[request]

/** `true` for each of these deliveries of one id that is handled. */
async function handled(
  receive: ReturnType<typeof createReceiver<unknown, Context>>,
  tenants: Context['request'][],
) {
  const seen: boolean[] = []
  for (const request of tenants) {
    const { headers, body } = await signedRequest({ secret: secrets[request], id: 'msg_1' })
    const endpoint = () => '/webhooks'
    const outcome = await receive({ headers, readBody: () => body, context: { request }, endpoint })
    seen.push('webhook' in outcome)
    if ('webhook' in outcome) await outcome.settle?.(204)
  }
  return seen
}

test('tenants with keys of their own never hide each other’s deliveries', async () => {
  const receive = createReceiver<unknown, Context>({ secret: secretOf, idempotency: idempotency() })
  expect(await handled(receive, ['a', 'b', 'a', 'b'])).toEqual([true, true, false, false])
})

test('without a secret function, a retry that is signed with another key is the same delivery', async () => {
  const receive = createReceiver<unknown, Context>({
    secret: [secrets.a, secrets.b],
    idempotency: idempotency(),
  })
  expect(await handled(receive, ['a', 'b'])).toEqual([true, false])
})

test('a scope is shared by all keys', async () => {
  const receive = createReceiver<unknown, Context>({
    secret: secretOf,
    idempotency: { ...idempotency(), scope: 'mine' },
  })
  expect(await handled(receive, ['a', 'b'])).toEqual([true, false])
})
