import type { Secret } from '../../delivery/types.js'
import { ID_RULE, isId } from '../../delivery/webhook-id.js'
import { type Captured, headerValue } from '../capture.js'
import { type Finding, finding, findingsOf } from '../finding.js'
import type { Named } from './named-headers.js'
import type { Readings } from './signature-readings.js'
import { VENDORS } from './vendors.js'

const SECONDS = 'timestamp_not_seconds'

/** Headers that are missing, or that have other names. */
export function missingHeaders(captured: Captured, { names }: Named): Finding[] {
  const missing = names.filter((name) => (headerValue(captured, name) ?? '') === '')
  if (missing.length === 0) return []
  const all = captured.headers.map(([name]) => name)
  const vendor = all.find((name) => Object.hasOwn(VENDORS, name))
  if (vendor) return [finding('header_names', 'certain', `${vendor} (${VENDORS[vendor]})`)]
  const others = all.filter(
    (name) => !names.includes(name) && /(id|timestamp|signature)$/.test(name),
  )
  const unknown = others.filter((name) => /hook|sign|event|msg|message/.test(name))
  return unknown.length > 0 && missing.length > 1
    ? [finding('header_names', 'likely', unknown.join(', '))]
    : [finding('header_missing', 'certain', `there is no ${missing.join(', ')}`)]
}

/** Headers that break a rule of the standard, whatever they sign. */
export function malformedHeaders(captured: Captured, { id, timestamp, names }: Named): Finding[] {
  const signature = headerValue(captured, names[2]) ?? ''
  const count = signature.split(/,? +/).filter(Boolean).length
  const isLong = count > 16 || signature.length > 4096
  const time = timestamp && !agree(timestamp) ? timestamp : '0'
  // A date has a comma too.
  const isList = time.includes(',') && !/^[a-z]{3},/i.test(time)
  const isDigits = /^(0|[1-9]\d*)$/.test(time)
  const own = id && !agree(id) ? id : '-'
  const isIdList = own.includes(', ')
  return findingsOf('certain', [
    [/^\d{13,}$/.test(time), SECONDS, `the header has ${time.length} digits: milliseconds`],
    [isList, 'headers_joined', names[1]],
    [!isList && !isDigits, SECONDS, 'the header is not digits only'],
    [isIdList, 'headers_joined', names[0]],
    [!isIdList && !isId(own), 'header_malformed', ID_RULE],
    [isLong, 'header_malformed', `${count} signatures in ${signature.length} characters`],
  ])
}

/** The same value several times counts as one. */
function agree(joined: string): boolean {
  const [first = '', ...rest] = joined.split(', ')
  return rest.length > 0 && rest.every((other) => other === first) && /^[!-+\--~]+$/.test(first)
}

/** No signature can be made with a key of this kind. */
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

/** How far the timestamp is from now, if that is more than the tolerance. */
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
