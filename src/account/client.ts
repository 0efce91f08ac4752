import { orAborted } from '../base/awaitable.js'
import {
  anything,
  callback,
  flag,
  type OptionTable,
  own,
  positive,
  resolveOptions,
  type Settings,
  text,
} from '../base/options.js'
import { plainCause, redact } from '../sources/redact.js'
import { reasonOf } from '../sources/refresh-error.js'
import { AccountError } from './account-error.js'
import type { Account, RotateWebhookSigningKeyResponse } from './models.js'
import { readJson } from './read-json.js'

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface AccountClientOptions {
  /** Bearer token of the account. */
  token: string
  /** Default `https://api.cadenya.com`. */
  baseUrl?: string | undefined
  /** Takes a `baseUrl` with plain http beyond this machine, where anybody on the way can read the token. Default `false`. */
  dangerouslyAllowHttp?: boolean | undefined
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

export const CLIENT_OPTIONS = {
  token: anything<string | undefined>(undefined),
  baseUrl: text('https://api.cadenya.com'),
  dangerouslyAllowHttp: flag(),
  // Called late and as a plain function: tests replace it, and platforms refuse it as a method.
  fetch: callback<Fetch>((url, init) => fetch(url, init)),
  timeout: positive(10),
  maxResponseBytes: positive(1_048_576),
} satisfies OptionTable<AccountClientOptions>

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
  return clientWith(resolveOptions(options, CLIENT_OPTIONS))
}

/** The client of options that are resolved already. */
export function clientWith(settings: Settings<typeof CLIENT_OPTIONS>): AccountClient {
  const { baseUrl, fetch, timeout, maxResponseBytes } = settings
  const token = parseToken(settings.token)
  const base = parseBaseUrl(baseUrl, settings)
  // What the platform's timers take: whole, and within 31 bits.
  const milliseconds = Math.min(Math.ceil(timeout * 1000), 2e9)
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }

  /** Not `AbortSignal.timeout`: in Node its timer lets the process end although somebody waits. */
  async function call<T>(method: string, path: string, signal?: AbortSignal): Promise<T> {
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
    retrieve: (options = {}) => call<Account>('GET', '/v1/account', own(options).signal),
    rotateWebhookSigningKey: (options = {}) =>
      call('POST', '/v1/account:rotateWebhookSigningKey', own(options).signal),
  }
}

/** The JSON object of a 2xx answer. Throws an {@link AccountError} for anything else. */
async function readAnswer(
  response: Response,
  read: () => Promise<object>,
  token: string,
): Promise<object> {
  const status = statusOf(response)
  if (status >= 200 && status < 300) return read()
  // 3xx, or 0: the opaque answer that a browser's or a Worker's `redirect: 'manual'` shows.
  if (status < 400) {
    discard(response.body)
    throw new AccountError(
      'redirected',
      'the account API redirects, which is refused so that the token goes nowhere else: check baseUrl',
      {
        status,
      },
    )
  }
  const retryAfter = parseRetryAfter(response.headers?.get?.('retry-after'))
  const { code, message, details }: { code?: unknown; message?: unknown; details?: unknown } =
    await read()
      .then((body) => redact(body, token))
      .catch(() => ({}))
  const words = typeof message === 'string' ? `: ${message.slice(0, 200)}` : ''
  throw new AccountError(
    reasonOf(status),
    `the account API answered ${status}${words}${hintFor(status)}`,
    {
      status,
      retryAfter,
      code: typeof code === 'number' ? code : undefined,
      details: Array.isArray(details) ? details : [],
    },
  )
}

/** Stubs in tests often say `ok` and no more. */
function statusOf({ status, ok }: Partial<Response>): number {
  if (typeof status === 'number') return status
  if (ok) return 200
  throw new AccountError(
    'answer_invalid',
    'the fetch function returned something without a status: it must return a Response',
  )
}

/** Polyfills have a stream of Node's there. */
function discard(body: Response['body'] | { destroy(): unknown }): void {
  if (body && 'destroy' in body) body.destroy()
  else body?.cancel?.().catch(() => {})
}

function noAnswer(cause: Error, { aborted }: AbortSignal, hasAnswered: boolean): AccountError {
  if (aborted)
    return new AccountError(
      'timeout',
      'the account API did not answer in time: check the connection, or raise timeout',
      { cause },
    )
  const failed = hasAnswered
    ? "'s answer could not be read: the connection broke off"
    : ' could not be reached: check baseUrl, DNS, the proxy and the firewall'
  return new AccountError('network', `the account API${failed}`, { cause })
}

/** What to do about it, for what the receiver can change. */
function hintFor(status: number): string {
  if (status === 401 || status === 403)
    return ' (check the token: it may be revoked, of another account, or lack the permission)'
  if (status === 404) return ' (check baseUrl)'
  return status === 429 || status >= 500 ? ' (it is asked again later)' : ''
}

/** Seconds; a date counts from now. `Date.parse` would make a date of any number. */
function parseRetryAfter(value: string | null | undefined): number | undefined {
  if (!value) return undefined
  const seconds = /\d *$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined
}

function parseBaseUrl(text: string, settings: Settings<typeof CLIENT_OPTIONS>): string {
  if (!URL.canParse(text) || !/^https?:[^@?#]+$/i.test(text))
    throw new TypeError('baseUrl must be an http(s) URL without query or user')
  const url = new URL(text)
  if (url.protocol === 'https:' || isPlainHttpSafe(url.hostname, settings))
    return url.href.replace(/\/$/, '')
  throw new TypeError(
    `baseUrl is plain http to ${url.hostname}, so anybody on the way can read the token: use https, or set dangerouslyAllowHttp`,
  )
}

/** Within this machine, or if the application answers for it: a name without a dot is known to its own `fetch` alone, as that of a service binding is. */
function isPlainHttpSafe(
  hostname: string,
  { fetch, dangerouslyAllowHttp }: Settings<typeof CLIENT_OPTIONS>,
): boolean {
  if (dangerouslyAllowHttp || /^(.+\.)?localhost$|^127(\.\d+){3}$|^\[::1\]$/.test(hostname))
    return true
  return fetch !== CLIENT_OPTIONS.fetch.fallback && /^[a-z0-9-]+$/.test(hostname)
}

function parseToken(token: unknown): string {
  if (typeof token === 'string' && /^[!-~]+$/.test(token)) return token
  throw new TypeError(`token must be the account's bearer token, ${tokenFault(token)}`)
}

function tokenFault(token: unknown): string {
  if (typeof token !== 'string' || !token.trim()) return 'and is empty: is the variable set?'
  if (/^bearer\s/i.test(token)) return "without the word 'Bearer' before it"
  if (/[\r\n]$/.test(token)) return 'and ends in a line break: trim it'
  return 'and holds white space or characters that no token has'
}
