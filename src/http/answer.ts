import type { WebhookError, WebhookErrorCode } from '../base/errors.js'
import { own } from '../base/options.js'

/** The handler must not run: send this answer. `error` is undefined if the delivery has been handled before. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly error: WebhookError | undefined
}

/** The HTTP status of every code. */
export const STATUS: Readonly<Record<WebhookErrorCode, number>> = {
  header_missing: 400,
  header_malformed: 400,
  timestamp_too_old: 401,
  timestamp_too_new: 401,
  signature_mismatch: 401,
  signature_undecided: 503,
  payload_invalid: 400,
  body_too_large: 413,
  body_encoding_unsupported: 415,
  body_unavailable: 500,
  secret_unavailable: 503,
  delivery_in_progress: 503,
  store_unavailable: 503,
  claim_lost: 503,
}

/** RFC 9457 problem details. They hold the code and nothing that helps a forger; `detail` is set only for problems with the body. */
export function toAnswer(error: WebhookError): Answer {
  const { code, message } = error
  const status = STATUS[code]
  const { retryAfter = status === 503 ? 5 : undefined } = error
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  }
  if (retryAfter !== undefined) headers['retry-after'] = String(Math.ceil(retryAfter))
  const detail = code.startsWith('body_') ? message : undefined
  const problem = { type: 'about:blank', title: code.replaceAll('_', ' '), status, code, detail }
  return answer(status, headers, JSON.stringify(problem), error)
}

/** Without a prototype, so that a polluted one cannot give it a `webhook`. */
export function answer(status: number, headers = {}, body = '', error?: WebhookError): Answer {
  return own({ status, headers, body, error })
}
