import { WebhookError } from '../base/errors.js'
import { firstText } from './first-text.js'
import {
  has,
  hasQuery,
  isPool,
  isPostgresJs,
  type PostgresJs,
  type QueryClient,
} from './postgres-database.js'
import { secondsText } from './postgres-options.js'
import { storedKey } from './stored-key.js'

/** Sends one statement with its parameters, `$1` to `$3` in order, inside your transaction, and resolves to its rows. */
export type TransactionQuery = (text: string, params: string[]) => PromiseLike<unknown>

/** Your transaction. */
export type PostgresTransaction = QueryClient | PostgresJs | TransactionQuery

/** The part of a webhook that is needed: the claim that an adapter with `idempotency` took. */
export interface ClaimedWebhook {
  readonly claim?: { readonly key: string; readonly token: string } | undefined
}

/** Marks the delivery as done inside the transaction. Throws `claim_lost` if another attempt holds it or may hold it. */
export async function commitWith(
  statement: string,
  ttl: number,
  tx: PostgresTransaction,
  { claim }: ClaimedWebhook,
): Promise<void> {
  const query = toQuery(tx)
  if (typeof claim?.key !== 'string' || typeof claim.token !== 'string') {
    throw new TypeError(
      'the webhook has no claim: pass req.webhook of a middleware that has the option idempotency',
    )
  }
  const params = [secondsText(ttl), await storedKey(claim.key), claim.token]
  if (firstText(await query(statement, params)) === 'done') return
  throw new WebhookError(
    'claim_lost',
    'the claim was lost: its lease ran out, or another attempt has taken over; roll back, and the sender will try again',
  )
}

function toQuery(tx: PostgresTransaction): TransactionQuery {
  if (isPool(tx) || has(tx, 'begin') || (has(tx, 'getTransactionStatus') && isIdle(tx))) {
    throw new TypeError(
      'tx must be the transaction: the client after BEGIN, or what begin() or transaction() hands to its callback',
    )
  }
  if (isPostgresJs(tx)) return (text, params) => tx.unsafe(text, params)
  if (hasQuery(tx)) return (text, params) => tx.query(text, params)
  if (typeof tx === 'function' && !has(tx, 'raw')) return tx
  throw new TypeError(
    'tx must be a client with query(text, params), a postgres transaction, or a function (text, params); docs/idempotency.md has the function for Drizzle, Prisma, Kysely and Knex',
  )
}

/** Checks for a client of `pg` that is not in a transaction. */
function isIdle(tx: unknown): boolean {
  return (tx as { getTransactionStatus(): unknown }).getTransactionStatus() === 'I'
}
