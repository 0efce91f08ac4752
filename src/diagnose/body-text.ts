import { decodeBase64, encodeUtf8 } from '../base/bytes.js'
import type { AddBody, Change } from './finding.js'
import { jsonStyles } from './json-styles.js'
import { parseJson, percentDecoded } from './text.js'

const MAX_MEMBERS = 300

/** JSON, as others would have written it. */
export function addStyles(decoded: string, add: AddBody): void {
  for (const { text, change } of jsonStyles(withoutMark(decoded))) add(encodeUtf8(text), change)
}

function withoutMark(decoded: string): string {
  return decoded.replace(/^\ufeff/, '')
}

/** What else can have happened to a body that is text. */
export function addText(decoded: string, add: AddBody): void {
  const value = parseJson(withoutMark(decoded))
  if (typeof value === 'string') add(encodeUtf8(value), { code: 'body_json_string' })
  add(encodeUtf8(JSON.stringify(decoded)), { code: 'body_json_string', detail: 'signed as string' })
  addBufferAsJson(value, add)
  for (const form of ['NFC', 'NFD'] as const) {
    add(encodeUtf8(decoded.normalize(form)), {
      code: 'body_normalised',
      detail: `signed as ${form}`,
    })
  }
  addUrlAndHtml(decoded, add)
}

/** `{"type":"Buffer","data":[…]}`, and a `Uint8Array` as `{"0":…}`. */
function addBufferAsJson(value: unknown, add: AddBody): void {
  if (typeof value !== 'object' || value === null) return
  const { type, data } = value as { type?: unknown; data?: unknown }
  const isBuffer = type === 'Buffer' && Array.isArray(data)
  const isArray = '0' in value && !Array.isArray(value)
  const bytes: unknown[] = isBuffer ? data : isArray ? Object.values(value) : []
  if (bytes.length === 0 || bytes.some((byte) => typeof byte !== 'number')) return
  const detail = 'bytes were serialised as JSON'
  add(Uint8Array.from(bytes as number[]), { code: 'body_parsed', detail })
}

/** Members of an envelope that can be the body: text, base64 of it, a Buffer as JSON, an object. */
export function addMembers(decoded: string, add: AddBody): void {
  addMembersOf(parseJson(withoutMark(decoded)), '', { left: MAX_MEMBERS }, add)
}

function addMembersOf(value: unknown, path: string, budget: { left: number }, add: AddBody): void {
  if (typeof value !== 'object' || value === null || path.split('.').length > 4) return
  for (const [name, member] of Object.entries(value).slice(0, 50)) {
    if (budget.left-- <= 0) return
    const change = { code: 'body_wrapped', detail: `signed is the member ${path}${name}` } as const
    if (typeof member === 'string') {
      add(encodeUtf8(member), change)
      add(decodeBase64(member), change)
    } else if (typeof member === 'object') {
      add(encodeUtf8(JSON.stringify(member)), change)
      addBufferAsJson(member, (bytes) => add(bytes, change))
      addMembersOf(member, `${path}${name}.`, budget, add)
    }
  }
}

function addUrlAndHtml(decoded: string, add: AddBody): void {
  const put = (value: string | undefined, code: Change['code'], detail: string): void =>
    add(value === undefined ? undefined : encodeUtf8(value), { code, detail })
  const spaced = decoded.replaceAll('+', ' ')
  put(percentDecoded(decoded), 'body_url_encoded', 'signed as plain text')
  put(percentDecoded(spaced), 'body_url_encoded', 'signed as plain text')
  put(percentDecoded(spaced.replace(/^[^=&]*=/, '')), 'body_url_encoded', 'signed as the field')
  put(encodeURIComponent(decoded), 'body_url_encoded', 'signed percent-encoded')
  put(htmlDecoded(decoded), 'body_html_escaped', 'signed unescaped')
  const escaped = decoded.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  put(escaped.replaceAll('"', '&quot;'), 'body_html_escaped', 'signed escaped')
}

function htmlDecoded(escaped: string): string {
  const names: Record<string, string> = { quot: '"', apos: "'", lt: '<', gt: '>', amp: '&' }
  return escaped
    .replace(/&#(x[\da-f]{1,5}|\d{1,6});/gi, (_, code: string) =>
      String.fromCodePoint(Number(code.startsWith('x') ? `0${code}` : code)),
    )
    .replace(/&(quot|apos|lt|gt|amp);/g, (_, name: string) => names[name] ?? '')
}
