import { assertPositive, type Resolved, resolveOptions } from '../options.js'
import { reasonOf } from '../sources/refresh-error.js'
import { AccountError } from './account-error.js'
import type { Account, RotateWebhookSigningKeyResponse } from './models.js'
import { readJson } from './read-json.js'
import { plainCause, redact } from './redact.js'

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface AccountClientOptions {
  /** Bearer token of the account. */
  token: string
  /** Default `https://api.cadenya.com`. */
  baseUrl?: string | undefined
  /** Default: the platform's `fetch`. */
  fetch?: Fetch | undefined
  /** Longest time for one call, body included, in seconds. Default 10. */
  timeout?: number | undefined
  /** Largest answer that is read, in bytes. Default 1 MiB. */
  maxResponseBytes?: number | undefined
}

export interface CallOptions {
  /** Ends the call, in place of the client's own time-out. */
  signal?: AbortSignal | undefined
}

/** The account API, as far as the signing secret needs it. Every call rejects with an {@link AccountError}. */
export interface AccountClient {
  /** The current account for the token: `GET /v1/account`. */
  retrieve(options?: CallOptions): Promise<Account>
  /** Replaces the signing secret; the answer holds the new one only: `POST /v1/account:rotateWebhookSigningKey`. */
  rotateWebhookSigningKey(options?: CallOptions): Promise<RotateWebhookSigningKeyResponse>
}

const CLIENT_DEFAULTS = {
  token: undefined,
  baseUrl: 'https://api.cadenya.com',
  // Called late and as a plain function: tests replace it, and platforms refuse it as a method.
  fetch: (url: string, init: RequestInit) => fetch(url, init),
  timeout: 10,
  maxResponseBytes: 1_048_576,
}

/**
 * A typed client for the account API. Redirects are refused, so the token goes nowhere else.
 *
 * Throws a `TypeError` for an option that is unknown or wrong.
 *
 * @example
 * ```ts
 * import { createAccountClient } from 'countersign/account'
 * const account = createAccountClient({ token: process.env.ACCOUNT_TOKEN ?? '' })
 * const { info } = await account.retrieve()
 * ```
 */
export function createAccountClient(options: AccountClientOptions): AccountClient {
  const { token, baseUrl, fetch, timeout, maxResponseBytes } = resolveOptions<
    Resolved<AccountClientOptions>
  >(options, CLIENT_DEFAULTS)
  assertPositive('timeout', timeout)
  assertPositive('maxResponseBytes', maxResponseBytes)
  const base = parseBaseUrl(baseUrl)
  const headers = { authorization: `Bearer ${parseToken(token)}`, accept: 'application/json' }

  async function call<T>(
    method: string,
    path: string,
    signal: AbortSignal = AbortSignal.timeout(timeout * 1000),
  ): Promise<T> {
    try {
      const response = await fetch(base + path, { method, headers, redirect: 'manual', signal })
      return (await readAnswer(response, maxResponseBytes, token)) as T
    } catch (error) {
      throw error instanceof AccountError ? error : noAnswer(plainCause(error, token), signal)
    }
  }

  return {
    retrieve: ({ signal } = {}) => call<Account>('GET', '/v1/account', signal),
    rotateWebhookSigningKey: ({ signal } = {}) =>
      call('POST', '/v1/account:rotateWebhookSigningKey', signal),
  }
}

/** The JSON object of a 2xx answer. Throws an {@link AccountError} for anything else. */
async function readAnswer(response: Response, maxBytes: number, token: string): Promise<object> {
  const { status } = response
  // A browser's or a Worker's `redirect: 'manual'` shows an opaque answer with status 0.
  if (status === 0 || (status >= 300 && status < 400)) {
    await response.body?.cancel()
    throw new AccountError(
      'redirected',
      'the account API redirects; that is refused, as the token would go along',
      { status },
    )
  }
  if (response.ok) return readJson(response, maxBytes)
  const retryAfter = parseRetryAfter(response.headers.get('retry-after'))
  const body: { code?: unknown; message?: unknown; details?: unknown } = await readJson(
    response,
    maxBytes,
  ).then(
    (body) => redact(body, token),
    () => ({}),
  )
  throw new AccountError(
    reasonOf(status),
    `the account API answered ${status}${typeof body.message === 'string' ? `: ${body.message.slice(0, 200)}` : ''}`,
    {
      status,
      retryAfter,
      code: typeof body.code === 'number' ? body.code : undefined,
      details: Array.isArray(body.details) ? body.details : [],
    },
  )
}

function noAnswer(cause: Error, signal: AbortSignal): AccountError {
  if (!signal.aborted)
    return new AccountError('network', 'the account API could not be reached', { cause })
  return new AccountError('timeout', 'the account API did not answer in time', { cause })
}

/** Seconds; a date counts from now. */
function parseRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined
}

function parseBaseUrl(text: string): string {
  const url = URL.canParse(text) && new URL(text)
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.search && !url.hash)
    return url.href.replace(/\/$/, '')
  throw new TypeError('baseUrl must be an http(s) URL without query or user name')
}

function parseToken(token: unknown): string {
  if (typeof token === 'string' && /^[!-~]+$/.test(token)) return token
  throw new TypeError("token must be the account's bearer token; is the variable set?")
}
