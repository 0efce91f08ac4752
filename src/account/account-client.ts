import { orAborted } from '../base/awaitable.js'
import { utf8Decoder } from '../base/bytes.js'
import { own, resolveOptions } from '../base/options.js'
import { namesOf, plainCause } from '../sources/redact.js'
import { AccountError } from './account-error.js'
import {
  type AccountClientOptions,
  CLIENT_OPTIONS,
  type ClientSettings,
  parseBaseUrl,
  parseToken,
} from './client-options.js'
import type { Account, RotateWebhookSigningKeyResponse } from './models.js'
import { readAnswer } from './read-answer.js'
import { readJson } from './read-json.js'

export interface CallOptions {
  /** Aborts the call. The client's own `timeout` then does not apply. */
  signal?: AbortSignal | undefined
}

/** The calls of the account API that concern the signing secret. Every call that fails rejects with an {@link AccountError}. */
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
  return createResolvedClient(resolveOptions(options, CLIENT_OPTIONS))
}

/** Creates the client from resolved options. */
export function createResolvedClient(settings: ClientSettings): AccountClient {
  const { baseUrl, fetch, timeout, maxResponseBytes } = settings
  // Throws here, because a runtime without it must not look like an account that answers badly.
  utf8Decoder()
  const token = parseToken(settings.token)
  const base = parseBaseUrl(baseUrl, settings)
  // The platform's timers take at most 31 bits.
  const milliseconds = Math.min(timeout * 1000, 2e9)
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }

  /** Does not use `AbortSignal.timeout`: in Node its timer does not keep the process alive, even if the caller still waits. */
  async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
    const { signal } = own(options)
    if (signal) return callUntil(method, path, signal)
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), milliseconds)
    return callUntil<T>(method, path, abort.signal).finally(() => clearTimeout(timer))
  }

  async function callUntil<T>(method: string, path: string, signal: AbortSignal): Promise<T> {
    let hasAnswered = false
    try {
      signal.throwIfAborted()
      const request = fetch(base + path, { method, headers, redirect: 'manual', signal })
      const response: Response = Object(await orAborted(request, signal))
      hasAnswered = true
      const read = () => orAborted(readJson(response, maxResponseBytes), signal)
      return (await readAnswer(response, read, token)) as T
    } catch (error) {
      throw error instanceof AccountError
        ? error
        : noAnswer(plainCause(error, token), signal, hasAnswered)
    }
  }

  return {
    retrieve: (options) => call<Account>('GET', '/v1/account', options),
    rotateWebhookSigningKey: (options) =>
      call('POST', '/v1/account:rotateWebhookSigningKey', options),
  }
}

function noAnswer(cause: Error, { aborted }: AbortSignal, hasAnswered: boolean): AccountError {
  const names = namesOf(cause)
  let words = `could not be reached${names}: check baseUrl and DNS`
  if (hasAnswered) words = `broke off its answer${names}: check the connection`
  if (aborted) words = 'did not answer in time: check the connection, or raise timeout'
  return new AccountError(aborted ? 'timeout' : 'network', `the account API ${words}`, { cause })
}
