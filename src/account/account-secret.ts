import { type OptionTable, resolveOptions } from '../base/options.js'
import { createRotatingSource } from '../sources/rotating.js'
import {
  ROTATING_OPTIONS,
  type RotatingSecret,
  type RotatingSecretOptions,
  toRotatingSettings,
} from '../sources/rotating-options.js'
import {
  type AccountClientOptions,
  type CallOptions,
  CLIENT_OPTIONS,
  clientWith,
} from './client.js'

/** Options of {@link accountSecret}: the client's and those of `rotatingSecret`. `timeout` bounds one refresh, retries included, and one `rotate()`. */
export type AccountSecretOptions = AccountClientOptions & Omit<RotatingSecretOptions, 'fetch'>

const OPTIONS = {
  ...CLIENT_OPTIONS,
  ...ROTATING_OPTIONS,
  fetch: CLIENT_OPTIONS.fetch,
} satisfies OptionTable<AccountSecretOptions>

/** A rotating secret that can also rotate the account's key. */
export interface AccountSecret extends RotatingSecret {
  /** Has the account issue a new key, knows it at once, and keeps the old one for `overlap`. Rejects with a `RefreshError`. */
  rotate(): Promise<void>
}

/**
 * The account's own signing secret: fetched with its token, cached, and followed through rotations.
 *
 * Throws a `TypeError` for an option that is unknown or wrong.
 *
 * @example
 * ```ts
 * import { createVerifier } from 'countersign'
 * import { accountSecret } from 'countersign/account'
 * export const verify = createVerifier({
 *   secret: accountSecret({ token: process.env.ACCOUNT_TOKEN ?? '' }),
 * })
 * ```
 */
export function accountSecret(options: AccountSecretOptions): AccountSecret {
  const settings = resolveOptions(options, OPTIONS)
  const client = clientWith(settings)
  async function read(call: CallOptions): Promise<string | readonly []> {
    const secret: unknown = (await client.retrieve(call)).info?.webhookEventsHmacSecret
    return typeof secret === 'string' && secret ? secret : []
  }
  const { source, learn } = createRotatingSource(toRotatingSettings({ ...settings, fetch: read }))

  return {
    ...source,
    rotate: () =>
      learn(
        async (signal) =>
          (await client.rotateWebhookSigningKey({ signal })).webhookEventsHmacSecret ||
          read({ signal }),
      ),
  }
}
