import { orAborted } from '../base/awaitable.js'
import { utf8Decoder } from '../base/bytes.js'
import {
  anything,
  callback,
  flag,
  found,
  type OptionTable,
  own,
  positive,
  resolveOptions,
  type Settings,
  text,
} from '../base/options.js'
import { assertSet } from '../base/unset.js'
import { namesOf, plainCause, redact } from '../sources/redact.js'
import { reasonOf } from '../sources/refresh-error.js'
import { AccountError } from './account-error.js'
import type { Account, RotateWebhookSigningKeyResponse } from './models.js'
import { NO_RESPONSE, readJson } from './read-json.js'

/** The part of `fetch` that countersign uses. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface AccountClientOptions {
  /** The account's bearer token, without the word `Bearer`. Required. */
  token: string
  /** URL of the account API. Default `https://api.cadenya.com`. */
  baseUrl?: string | undefined
  /** Allows a plain http `baseUrl` on another machine. Anybody on the network path can then read the token. Default `false`. */
  dangerouslyAllowHttp?: boolean | undefined
  /** The `fetch` function that makes the calls. Default: the platform's `fetch`. */
  fetch?: Fetch | undefined
  /** Longest time for one call, including its body, in seconds. More than 0. Default 10. */
  timeout?: number | undefined
  /** Largest answer that is accepted, in bytes. More than 0. Default 1048576 (1 MiB). */
  maxResponseBytes?: number | undefined
}

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

export const CLIENT_OPTIONS = {
  token: anything<string>(),
  baseUrl: text('https://api.cadenya.com'),
  dangerouslyAllowHttp: flag(),
  // Looked up at each call, because tests replace it; not called as a method, because platforms refuse that.
  fetch: callback<Fetch>((url, init) => fetch(url, init)),
  timeout: positive(10),
  maxResponseBytes: positive(1_048_576),
} satisfies OptionTable<AccountClientOptions>

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
  return clientWith(resolveOptions(options, CLIENT_OPTIONS))
}

/** Creates the client from resolved options. */
export function clientWith(settings: Settings<typeof CLIENT_OPTIONS>): AccountClient {
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

/** Reads the JSON object of a 2xx answer. Throws an {@link AccountError} for anything else. */
async function readAnswer(
  response: Response,
  read: () => Promise<object>,
  token: string,
): Promise<object> {
  const status = statusOf(response)
  if (status >= 200 && status < 300) return read()
  // 3xx, or 0: with `redirect: 'manual'`, browsers and Workers give an opaque answer with status 0.
  if (status < 400) {
    discard(response.body)
    throw new AccountError(
      'redirected',
      'the account API redirects, which is refused to protect the token: check baseUrl',
      { status },
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

/** Stubs in tests often have only `ok`. */
function statusOf({ status, ok }: Partial<Response>): number {
  if (typeof status === 'number') return status
  if (ok) return 200
  throw new AccountError('answer_invalid', NO_RESPONSE)
}

/** In polyfills, `body` is a stream of Node. */
function discard(body: Response['body'] | { destroy(): unknown }): void {
  if (body && 'destroy' in body) body.destroy()
  else body?.cancel?.().catch(() => {})
}

function noAnswer(cause: Error, { aborted }: AbortSignal, hasAnswered: boolean): AccountError {
  const names = namesOf(cause)
  let words = `could not be reached${names}: check baseUrl and DNS`
  if (hasAnswered) words = `broke off its answer${names}: check the connection`
  if (aborted) words = 'did not answer in time: check the connection, or raise timeout'
  return new AccountError(aborted ? 'timeout' : 'network', `the account API ${words}`, { cause })
}

/** What to do about this status, if the receiver can do something. */
function hintFor(status: number): string {
  if (status === 401 || status === 403)
    return ' (check the token: is it revoked or of another account?)'
  return status === 404 ? ' (check baseUrl)' : ''
}

/** Seconds. A date is converted to seconds from now. Numbers are tested first, because `Date.parse` reads any number as a date. */
function parseRetryAfter(value: string | null | undefined): number | undefined {
  if (!value) return undefined
  const seconds = /\d *$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000
  return seconds < Infinity ? Math.max(0, seconds) : undefined
}

function parseBaseUrl(text: string, settings: Settings<typeof CLIENT_OPTIONS>): string {
  assertSet('baseUrl', text)
  if (!URL.canParse(text) || !/^https?:[^@?#]+$/i.test(text))
    throw new TypeError(
      `baseUrl must be an http(s) URL without query or user, such as ${CLIENT_OPTIONS.baseUrl.fallback}`,
    )
  const url = new URL(text)
  if (url.protocol === 'https:' || isPlainHttpSafe(url.hostname, settings))
    return url.href.replace(/\/$/, '')
  throw new TypeError(
    `baseUrl is plain http to ${url.hostname}, so anybody on the way can read the token: use https, or set dangerouslyAllowHttp`,
  )
}

/** True on this machine, or if the application allows it. A host name without a dot is also safe if the application passes its own `fetch`, for example a service binding. */
function isPlainHttpSafe(
  hostname: string,
  { fetch, dangerouslyAllowHttp }: Settings<typeof CLIENT_OPTIONS>,
): boolean {
  if (dangerouslyAllowHttp || /^(.+\.)?localhost$|^127(\.\d+){3}$|^\[::1\]$/.test(hostname))
    return true
  return fetch !== CLIENT_OPTIONS.fetch.fallback && /^[a-z0-9-]+$/.test(hostname)
}

function parseToken(token: unknown): string {
  assertSet('token', token)
  if (typeof token === 'string' && /^[!-~]+$/.test(token)) return token
  throw new TypeError(`token must be the account's bearer token, but ${tokenFault(token)}`)
}

function tokenFault(token: unknown): string {
  if (typeof token !== 'string') return `it is ${found(token)}`
  if (/^bearer\s/i.test(token)) return "it starts with the word 'Bearer': leave that out"
  if (/[\r\n]$/.test(token)) return 'it ends in a line break: trim it'
  return 'it holds white space or characters that no token has: copy it again'
}
