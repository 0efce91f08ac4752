import { orAborted } from '../base/awaitable.js'
import { utf8Decoder } from '../base/bytes.js'
import { namesOf, plainCause } from '../sources/redact.js'
import { AccountError } from './account-error.js'
import { type ClientSettings, parseBaseUrl, parseToken } from './client-options.js'
import type { Account, RotateWebhookSigningKeyResponse } from './models.js'
import { readAnswer } from './read-answer.js'
import { readJson } from './read-json.js'

/** The calls of the account API, each until its signal is aborted. Every call that fails rejects with an {@link AccountError}. */
export interface AccountCalls {
  retrieve(signal: AbortSignal): Promise<Account>
  rotate(signal: AbortSignal): Promise<RotateWebhookSigningKeyResponse>
}

/** Throws a `TypeError` for an invalid option. */
export function createAccountCalls(settings: ClientSettings): AccountCalls {
  const { baseUrl, fetch, maxResponseBytes } = settings
  // Throws here, because a runtime without it must not look like an account that answers badly.
  utf8Decoder()
  const token = parseToken(settings.token)
  const base = parseBaseUrl(baseUrl, settings)
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }

  async function call<T>(method: string, path: string, signal: AbortSignal): Promise<T> {
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
    retrieve: (signal) => call('GET', '/v1/account', signal),
    rotate: (signal) => call('POST', '/v1/account:rotateWebhookSigningKey', signal),
  }
}

function noAnswer(cause: Error, { aborted }: AbortSignal, hasAnswered: boolean): AccountError {
  const names = namesOf(cause)
  let words = `could not be reached${names}: check baseUrl and DNS`
  if (hasAnswered) words = `broke off its answer${names}: check the connection`
  if (aborted) words = 'did not answer in time: check the connection, or raise timeout'
  return new AccountError(aborted ? 'timeout' : 'network', `the account API ${words}`, { cause })
}
