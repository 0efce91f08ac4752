import { printable } from '../base/printable.js'
import { ID_RULE, isId } from '../delivery/headers.js'
import { parseSecret, secretText } from '../delivery/secrets.js'
import type { Secret } from '../delivery/types.js'
import { CATALOGUE, type Cause } from './catalogue.js'
import { type Captured, headerValue } from './delivery.js'
import type { Confidence, Finding } from './finding.js'
import type { Named } from './prefix-variants.js'
import type { Readings } from './signature-readings.js'
import { isJson, lossyText, textOf } from './text.js'
import { VENDORS } from './vendors.js'

/** What else a finding holds. */
interface More {
  readonly detail?: string | undefined
  readonly offset?: number
}

export function finding(code: Cause, confidence: Confidence, more: More = {}): Finding {
  const { explanation, fix } = CATALOGUE[code]
  const { offset } = more
  // It can hold names and values that a stranger chose.
  const detail = more.detail === undefined ? undefined : printable(more.detail)
  return {
    code,
    confidence,
    explanation: detail === undefined ? explanation : `${explanation} Here: ${detail}.`,
    fix,
    ...(detail !== undefined && { detail }),
    ...(offset !== undefined && { offset }),
  }
}

/** Headers that are missing, or there under other names. */
export function missingHeaders(captured: Captured, { names }: Named): Finding[] {
  const missing = names.filter((name) => (headerValue(captured, name) ?? '') === '')
  if (missing.length === 0) return []
  const all = captured.headers.map(([name]) => name)
  const vendor = all.find((name) => name in VENDORS)
  if (vendor) {
    return [finding('header_names', 'certain', { detail: `${vendor} (${VENDORS[vendor]})` })]
  }
  const others = all.filter(
    (name) => /(id|timestamp|signature)$/.test(name) && /hook|sign|event|msg|message/.test(name),
  )
  const unknown = others.filter((name) => !names.includes(name))
  if (unknown.length > 0 && missing.length > 1) {
    return [finding('header_names', 'likely', { detail: unknown.join(', ') })]
  }
  return [finding('header_missing', 'certain', { detail: `there is no ${missing.join(', ')}` })]
}

/** Headers that are not of the form the verifier asks for, whatever they sign. */
export function malformedHeaders(captured: Captured, named: Named): Finding[] {
  const found: Finding[] = []
  const { names, id, timestamp } = named
  if (timestamp && /^\d{13,}$/.test(timestamp)) {
    const detail = `the header has ${timestamp.length} digits`
    found.push(finding('timestamp_in_milliseconds', 'certain', { detail }))
  } else if (timestamp?.includes(',') && !/^[a-z]{3},/i.test(timestamp) && !agree(timestamp)) {
    found.push(finding('headers_joined', 'certain', { detail: names[1] }))
  } else if (timestamp && !agree(timestamp) && !/^(0|[1-9]\d*)$/.test(timestamp)) {
    found.push(finding('timestamp_not_seconds', 'certain'))
  }
  if (id?.includes(', ') && !agree(id)) {
    found.push(finding('headers_joined', 'certain', { detail: names[0] }))
  } else if (id && !agree(id) && !isId(id)) {
    found.push(finding('header_malformed', 'certain', { detail: ID_RULE }))
  }
  const signature = headerValue(captured, names[2]) ?? ''
  const count = signature.split(/,? +/).filter(Boolean).length
  if (count > 16 || signature.length > 4096) {
    const detail = `${count} signatures in ${signature.length} characters`
    found.push(finding('header_malformed', 'certain', { detail }))
  }
  return found
}

/** One value, however often it is there. */
function agree(joined: string): boolean {
  const [first, ...rest] = joined.split(', ')
  return (
    rest.length > 0 && rest.every((other) => other === first) && /^[!-+\--~]+$/.test(first ?? '')
  )
}

/** Secrets that the verifier would refuse. */
export function unusableSecrets({ secrets }: Captured): Finding[] {
  if (secrets.length === 0)
    return [finding('secret_unusable', 'certain', { detail: 'there is none' })]
  return secrets.flatMap((secret) => {
    const problem = problemOf(secret, 24)
    if (problem === undefined) return []
    if (isPrivateKey(secret)) return [finding('secret_is_private_key', 'certain')]
    if (problemOf(secret, 1) !== undefined) {
      return [finding('secret_unusable', 'certain', { detail: problem })]
    }
    return [finding('secret_too_short', 'certain')]
  })
}

function isPrivateKey(secret: Secret): boolean {
  return typeof secret === 'string' && secretText(secret).startsWith('whsk_')
}

function problemOf(secret: Secret, minBytes: number): string | undefined {
  try {
    parseSecret(secret, minBytes)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : 'it cannot be read'
  }
}

/** Signs in the body that something happened to it. */
export function bodySigns(captured: Captured): Finding[] {
  const { body, parsed } = captured
  const found: Finding[] = []
  const text = lossyText(body).replace(/^\ufeff/, '')
  const length = Number(headerValue(captured, 'content-length') ?? Number.NaN)
  if (parsed || text === '[object Object]') found.push(finding('body_parsed', 'certain'))
  if (body.length === 0) found.push(finding('body_empty', 'likely'))
  if (textOf(body)?.includes('\ufffd')) found.push(finding('body_decoded_with_loss', 'likely'))
  if (textOf(body) === undefined) {
    const isText = /^\s*["[{]/.test(text)
    const detail = 'the body is no text'
    found.push(
      isText ? finding('body_latin1', 'likely') : finding('body_compressed', 'likely', { detail }),
    )
  } else if (/^\s*[[{]/.test(text) && !isJson(text)) {
    const detail = 'it starts as JSON and breaks off or goes wrong'
    found.push(finding('body_length', 'likely', { detail }))
  }
  const encoding = headerValue(captured, 'content-encoding')
  if (encoding && encoding !== 'identity') {
    found.push(finding('body_compressed', 'likely', { detail: `content-encoding: ${encoding}` }))
  }
  if (!parsed && Number.isFinite(length) && length !== body.length) {
    const detail = `content-length ${length}, but ${body.length} bytes are here`
    found.push(finding('body_length', 'likely', { detail }))
  }
  if (text === '{}') found.push(finding('body_empty', 'likely', { detail: 'the body is {}' }))
  return found
}

/** The signatures there are cannot be by a key of this kind. */
export function versionSigns(captured: Captured, { names }: Named, { list }: Readings): Finding[] {
  const { secrets } = captured
  if (!headerValue(captured, names[2])) return []
  const isPublic = (secret: Secret): boolean =>
    typeof secret === 'string' && /^\s*(v1,)?wh[ps]k_/.test(secret)
  const wanted = secrets.every(isPublic) ? 88 : secrets.some(isPublic) ? 0 : 44
  if (secrets.length * wanted === 0 || list.some(({ value }) => value.length === wanted)) return []
  const detail = list.some(({ value }) => value.length === 132 - wanted)
    ? wanted === 44
      ? 'v1a signatures (ed25519), and a shared secret to verify them with'
      : 'v1 signatures (HMAC), and a public key to verify them with'
    : 'there is no signature of a length that could be right'
  return [finding('signature_version', 'likely', { detail })]
}

/** How far the timestamp lies from now, where that is too far. */
export function clockSigns(captured: Captured, { timestamp }: Named): Finding[] {
  const text = timestamp?.split(', ')[0] ?? ''
  if (!/^\d{1,12}$/.test(text)) return []
  const offset = Math.round((captured.now - Number(text)) * 1000) / 1000
  if (Math.abs(offset) <= captured.tolerance) return []
  return [finding('clock_skew', 'certain', { detail: describeOffset(offset), offset })]
}

function describeOffset(offset: number): string {
  const size = Math.abs(offset)
  const side = offset > 0 ? 'behind' : 'ahead of'
  const quarters = Math.round(size / 900)
  const zone = quarters >= 2 && quarters <= 56 && Math.abs(size - quarters * 900) <= 60
  const hint = zone ? `, close to ${quarters / 4} hours: a local time taken for UTC?` : ''
  return `the timestamp is ${offset > 0 ? Math.floor(size) : Math.ceil(size)} seconds ${side} now${hint}`
}

/** Where nothing matches and nothing shows. */
export function lastGuesses({ body, secrets }: Captured): Finding[] {
  if (secrets.length === 0) return []
  const detail = isJson(lossyText(body)) ? undefined : 'it is not JSON either'
  return [finding('secret_wrong', 'likely'), finding('body_changed', 'possible', { detail })]
}
