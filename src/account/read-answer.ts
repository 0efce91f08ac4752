import { redact } from '../sources/redact.js'
import { reasonOf } from '../sources/refresh-error.js'
import { AccountError } from './account-error.js'
import { NO_RESPONSE } from './read-json.js'

/** Reads the JSON object of a 2xx answer. Throws an {@link AccountError} for anything else. */
export async function readAnswer(
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
