import { assertSet } from '../base/assert-set.js'
import {
  anything,
  callback,
  flag,
  found,
  type OptionTable,
  positive,
  type Settings,
  text,
} from '../base/options.js'

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

export const CLIENT_OPTIONS = {
  token: anything<string>(),
  baseUrl: text('https://api.cadenya.com'),
  dangerouslyAllowHttp: flag(),
  // Looked up at each call, because tests replace it; not called as a method, because platforms refuse that.
  fetch: callback<Fetch>((url, init) => fetch(url, init)),
  timeout: positive(10),
  maxResponseBytes: positive(1_048_576),
} satisfies OptionTable<AccountClientOptions>

/** The options of a client with their defaults. */
export type ClientSettings = Settings<typeof CLIENT_OPTIONS>

/** The URL without a slash at its end. Throws a `TypeError` for a URL that would show the token to others. */
export function parseBaseUrl(text: string, settings: ClientSettings): string {
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
  { fetch, dangerouslyAllowHttp }: ClientSettings,
): boolean {
  if (dangerouslyAllowHttp || /^(.+\.)?localhost$|^127(\.\d+){3}$|^\[::1\]$/.test(hostname))
    return true
  return fetch !== CLIENT_OPTIONS.fetch.fallback && /^[a-z0-9-]+$/.test(hostname)
}

/** Throws a `TypeError` that says what is wrong with the token and never quotes it. */
export function parseToken(token: unknown): string {
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
