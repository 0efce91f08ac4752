// The same with D1, and with a secret that follows the account and survives its outages. Create the table once:
// npx wrangler d1 migrations create DB deliveries, with the SQL that `d1Store(env.DB).schema` prints (see docs/idempotency.md).
import { type AccountSecret, accountSecret } from 'countersign/account'
import { d1Store, kvSnapshot } from 'countersign/cloudflare'
import { webhookHandler } from 'countersign/fetch'

interface Env {
  ACCOUNT_TOKEN: string
  SNAPSHOT_KEY: string
  DB: D1Database
  SECRETS: KVNamespace
}

// The isolate keeps the source, and what it knows.
let source: AccountSecret | undefined
function secret({
  ACCOUNT_TOKEN: token,
  SECRETS,
  SNAPSHOT_KEY: encryptionKey,
}: Env): AccountSecret {
  source ??= accountSecret({ token, snapshot: kvSnapshot(SECRETS, { encryptionKey }) })
  return source
}

export default {
  fetch: webhookHandler(
    { secret: ({ env }) => secret(env as Env), idempotency: ({ env }) => d1Store((env as Env).DB) },
    ({ id, payload }) => console.log(id, payload),
  ),
} satisfies ExportedHandler<Env>
