import type { Secret } from '../../delivery/types.js'
import { ID_RULE, isId } from '../../delivery/webhook-id.js'
import { type Captured, headerValue } from '../capture.js'
import { type Finding, finding } from '../finding.js'
import type { Named } from './named-headers.js'
import type { Readings } from './signature-readings.js'
import { VENDORS } from './vendors.js'

/** Headers that are missing, or there under other names. */
export function missingHeaders(captured: Captured, { names }: Named): Finding[] {
  const missing = names.filter((name) => (headerValue(captured, name) ?? '') === '')
  if (missing.length === 0) return []
  const all = captured.headers.map(([name]) => name)
  const vendor = all.find((name) => Object.hasOwn(VENDORS, name))
  if (vendor) {
    return [finding('header_names', 'certain', `${vendor} (${VENDORS[vendor]})`)]
  }
  const others = all.filter(
    (name) => /(id|timestamp|signature)$/.test(name) && /hook|sign|event|msg|message/.test(name),
  )
  const unknown = others.filter((name) => !names.includes(name))
  if (unknown.length > 0 && missing.length > 1) {
    return [finding('header_names', 'likely', unknown.join(', '))]
  }
  return [finding('header_missing', 'certain', `there is no ${missing.join(', ')}`)]
}

/** Headers that are not of the form the verifier asks for, whatever they sign. */
export function malformedHeaders(captured: Captured, { id, timestamp, names }: Named): Finding[] {
  const signature = headerValue(captured, names[2]) ?? ''
  const count = signature.split(/,? +/).filter(Boolean).length
  const signs = [
    ...(timestamp && !agree(timestamp) ? timestampSigns(timestamp, names[1]) : []),
    ...(id && !agree(id) ? idSigns(id, names[0]) : []),
    ...(count > 16 || signature.length > 4096
      ? [['header_malformed', `${count} signatures in ${signature.length} characters`] as const]
      : []),
  ]
  return signs.map(([code, detail]) => finding(code, 'certain', detail))
}

type Sign = readonly [code: Finding['code'], detail: string]

function timestampSigns(timestamp: string, name: string): Sign[] {
  if (/^\d{13,}$/.test(timestamp)) {
    const detail = `the header has ${timestamp.length} digits: milliseconds`
    return [['timestamp_not_seconds', detail]]
  }
  if (timestamp.includes(',') && !/^[a-z]{3},/i.test(timestamp)) return [['headers_joined', name]]
  if (/^(0|[1-9]\d*)$/.test(timestamp)) return []
  return [['timestamp_not_seconds', 'the header is not digits only']]
}

function idSigns(id: string, name: string): Sign[] {
  if (id.includes(', ')) return [['headers_joined', name]]
  return isId(id) ? [] : [['header_malformed', ID_RULE]]
}

/** One value, however often it is there. */
function agree(joined: string): boolean {
  const [first = '', ...rest] = joined.split(', ')
  return rest.length > 0 && rest.every((other) => other === first) && /^[!-+\--~]+$/.test(first)
}

/** The signatures there are cannot be made with a key of this kind. */
export function versionSigns(captured: Captured, { names }: Named, { list }: Readings): Finding[] {
  const { secrets, ownKeys } = captured
  if (!headerValue(captured, names[2])) return []
  const schemes = new Set([...secrets.map(schemeOf), ...ownKeys.map(({ scheme }) => scheme)])
  const [scheme] = schemes
  if (schemes.size !== 1 || !scheme) return []
  const wanted = LENGTHS[scheme]
  if (list.some(({ value }) => value.length === wanted)) return []
  const isOther = list.some(({ value }) => value.length === LENGTHS.v1 + LENGTHS.v1a - wanted)
  const detail = isOther ? MIXED[scheme] : 'there is no signature of a length that could be right'
  return [finding('signature_version', 'likely', detail)]
}

const LENGTHS = { v1: 44, v1a: 88 }
const MIXED = {
  v1: 'v1a signatures (ed25519), and a shared secret to verify them with',
  v1a: 'v1 signatures (HMAC), and a public key to verify them with',
}

function schemeOf(secret: Secret): 'v1' | 'v1a' {
  return typeof secret === 'string' && /^\s*(v1,)?wh[ps]k_/.test(secret) ? 'v1a' : 'v1'
}

/** How far the timestamp lies from now, if that is too far. */
export function clockSigns(captured: Captured, { timestamp }: Named): Finding[] {
  const text = timestamp?.split(', ')[0] ?? ''
  if (!/^\d{1,12}$/.test(text)) return []
  const offset = Math.round((captured.now - Number(text)) * 1000) / 1000
  if (Math.abs(offset) <= captured.tolerance) return []
  return [{ ...finding('clock_skew', 'certain', describeOffset(offset)), offset }]
}

function describeOffset(offset: number): string {
  const size = Math.abs(offset)
  const side = offset > 0 ? 'behind' : 'ahead of'
  const quarters = Math.round(size / 900)
  const isZone = quarters >= 2 && quarters <= 56 && Math.abs(size - quarters * 900) <= 60
  const hint = isZone ? `, close to ${quarters / 4} hours: a local time taken for UTC?` : ''
  return `the timestamp is ${offset > 0 ? Math.floor(size) : Math.ceil(size)} seconds ${side} now${hint}`
}
