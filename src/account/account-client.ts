import { own, resolveOptions } from '../base/options.js'
import { createAccountCalls } from './account-calls.js'
import { type AccountClientOptions, CLIENT_OPTIONS } from './client-options.js'
import type { Account, RotateWebhookSigningKeyResponse } from './models.js'

export interface CallOptions {
  /** Aborts the call. The client's own `timeout` then does not apply. */
  signal?: AbortSignal | undefined
}

/** The calls of the account API that concern the signing secret. Every call that fails rejects with an `AccountError`. */
export interface AccountClient {
  /** Resolves to the account that the token belongs to: `GET /v1/account`. */
  retrieve(options?: CallOptions): Promise<Account>
  /** Replaces the signing secret. The answer holds only the new secret: `POST /v1/account:rotateWebhookSigningKey`. */
  rotateWebhookSigningKey(options?: CallOptions): Promise<RotateWebhookSigningKeyResponse>
}

/**
 * Creates a typed client for the account API. It refuses redirects, so the token is never sent to another host.
 *
 * Throws a `TypeError` for an unknown or invalid option.
 *
 * @example
 * ```ts
 * import { createAccountClient } from 'countersign/account'
 * const account = createAccountClient({ token: process.env.ACCOUNT_TOKEN ?? '' })
 * const { info } = await account.retrieve()
 * ```
 */
export function createAccountClient(options: AccountClientOptions): AccountClient {
  const settings = resolveOptions(options, CLIENT_OPTIONS)
  const { retrieve, rotate } = createAccountCalls(settings)
  // The platform's timers take at most 31 bits.
  const milliseconds = Math.min(settings.timeout * 1000, 2e9)

  /** Does not use `AbortSignal.timeout`: in Node its timer does not keep the process alive, even if the caller still waits. */
  async function inTime<T>(
    call: (signal: AbortSignal) => Promise<T>,
    options: CallOptions = {},
  ): Promise<T> {
    const { signal } = own(options)
    if (signal) return call(signal)
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), milliseconds)
    return call(abort.signal).finally(() => clearTimeout(timer))
  }

  return {
    retrieve: (options) => inTime(retrieve, options),
    rotateWebhookSigningKey: (options) => inTime(rotate, options),
  }
}
