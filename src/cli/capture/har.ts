import type { CapturedRequest } from './capture-file.js'

/** Is it the content of a `.har` file? */
export function isHar(value: unknown): boolean {
  return Array.isArray(Object(Object(value).log).entries)
}

/** The last signed request of a `.har` file. Throws a `TypeError` if it holds none, or not its body. */
export function parseHar(value: unknown): CapturedRequest {
  const entries: unknown[] = Object(value).log.entries
  const requests = entries.map((entry) => Object(Object(entry).request))
  const signed = requests.filter((request) => pairs(request).some(isSignature))
  const request = signed.at(-1) ?? (requests.length === 1 ? requests[0] : undefined)
  if (!request) {
    throw new TypeError(
      `the .har file holds ${requests.length} requests and none has a webhook-signature or svix-signature header`,
    )
  }
  const time: unknown = Object(entries[requests.indexOf(request)]).startedDateTime
  const date = new Date(typeof time === 'string' ? time : Number.NaN)
  return {
    method: String(request.method ?? 'POST'),
    url: String(request.url ?? '/'),
    headers: pairs(request).filter(([name]) => !name.startsWith(':')),
    body: bodyOf(request),
    receivedAt: Number.isNaN(date.getTime()) ? undefined : date,
  }
}

function pairs(request: { headers?: unknown }): [string, string][] {
  const headers: unknown[] = Array.isArray(request.headers) ? request.headers : []
  return headers.map((header) => {
    const { name, value } = Object(header)
    return [String(name), String(value ?? '')]
  })
}

function isSignature([name]: readonly [string, string]): boolean {
  return /^(webhook|svix)-signature$/i.test(name)
}

function bodyOf(request: { postData?: unknown; bodySize?: unknown }): Uint8Array {
  const { text, encoding, params } = Object(request.postData)
  if (typeof text === 'string') return Buffer.from(text, encoding === 'base64' ? 'base64' : 'utf8')
  if (Number(request.bodySize) === 0 && !Array.isArray(params)) return new Uint8Array(0)
  throw new TypeError(
    'the .har file has no body for this request: export it with content ("Save all as HAR with content")',
  )
}
