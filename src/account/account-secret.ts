import { isContext, type OptionTable, resolveOptions } from '../base/options.js'
import {
  ROTATING_OPTIONS,
  type RotatingSecret,
  type RotatingSecretOptions,
  toRotatingSettings,
} from '../sources/rotating-options.js'
import { createRotatingSource } from '../sources/rotating-secret.js'
import { notCalled } from '../sources/source-for.js'
import { createAccountCalls } from './account-calls.js'
import { type AccountClientOptions, CLIENT_OPTIONS } from './client-options.js'

/** Options of {@link accountSecret}: those of the account client and of `rotatingSecret`. `timeout` limits one refresh, including retries, and one `rotate()`. Default 5 seconds. */
export type AccountSecretOptions = AccountClientOptions & Omit<RotatingSecretOptions, 'fetch'>

const OPTIONS = {
  ...CLIENT_OPTIONS,
  ...ROTATING_OPTIONS,
  fetch: CLIENT_OPTIONS.fetch,
} satisfies OptionTable<AccountSecretOptions>

/** A rotating secret that can also rotate the account's key. */
export interface AccountSecret extends RotatingSecret {
  /** Asks the account for a new key and uses it immediately. The old key still verifies for `overlap` seconds. Rejects with a `RefreshError`. */
  rotate(): Promise<void>
}

/**
 * Fetches the account's signing secret with the account's token, caches it, and follows its rotations.
 *
 * Throws a `TypeError` for an unknown or invalid option.
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
  if (isContext(options, 'token')) throw notCalled('accountSecret({ token })')
  const settings = resolveOptions(options, OPTIONS)
  const calls = createAccountCalls(settings)
  async function read({ signal }: { signal: AbortSignal }): Promise<string | readonly []> {
    const secret: unknown = (await calls.retrieve(signal)).info?.webhookEventsHmacSecret
    return typeof secret === 'string' && secret ? secret : []
  }
  const { source, learn } = createRotatingSource(toRotatingSettings({ ...settings, fetch: read }))

  return {
    ...source,
    rotate: () =>
      learn(
        async (call) => (await calls.rotate(call.signal)).webhookEventsHmacSecret || read(call),
      ),
  }
}
