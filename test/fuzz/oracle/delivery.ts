// A verifier written from section 3 of the design and the Standard Webhooks specification alone, with node:crypto only.
// It imports nothing of the package, so that a mistake there is not repeated here.
import { isUtf8 } from 'node:buffer'
import { createHmac, createPublicKey, verify } from 'node:crypto'
import type { Key } from './secret.js'

export type Line = readonly [name: string, value: string]

export interface OracleDelivery {
  readonly lines: readonly Line[]
  readonly body: Buffer
  readonly keys: readonly Key[]
  /** Seconds since the epoch. */
  readonly now: number
  readonly tolerance: number
  readonly parse: boolean
}

/** `accepted`, or the code of the refusal. Checks are in the order of section 3: headers, time, signature, payload. */
export function verdictOn({ lines, body, keys, now, tolerance, parse }: OracleDelivery): string {
  const sets = ['webhook', 'svix'].map((set) =>
    ['id', 'timestamp', 'signature'].map((part) => joined(lines, `${set}-${part}`)),
  )
  const [id, timestamp, signature] = sets.find((set) => set.some((one) => one !== undefined)) ?? []
  if (id === undefined || timestamp === undefined || signature === undefined)
    return 'header_missing'
  const [oneId, oneTimestamp] = [single(id), single(timestamp)]
  if (oneId === undefined || !isId(oneId)) return 'header_malformed'
  if (oneTimestamp === undefined || !isTimestamp(oneTimestamp)) return 'header_malformed'
  const age = now - Number(oneTimestamp)
  if (age > tolerance) return 'timestamp_too_old'
  if (age < -tolerance) return 'timestamp_too_new'
  const listed = signature
    .replaceAll(', ', ' ')
    .split(' ')
    .filter((one) => one !== '')
  if (signature.length > 4096 || listed.length === 0 || listed.length > 16)
    return 'header_malformed'
  const content = Buffer.concat([Buffer.from(`${oneId}.${oneTimestamp}.`), body])
  const candidates = [...new Set(listed)].filter((one) => isSignature(one))
  if (!keys.some((key) => answers(key, candidates, content))) return 'signature_mismatch'
  return parse && body.length > 0 && !isJson(body) ? 'payload_invalid' : 'accepted'
}

/** Several lines of one name are one list. */
function joined(lines: readonly Line[], name: string): string | undefined {
  const values = lines.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value)
  return values.length > 0 ? values.join(', ') : undefined
}

function single(value: string): string | undefined {
  const values = new Set(value.split(', '))
  return values.size === 1 ? [...values][0] : undefined
}

function isId(id: string): boolean {
  const isVisible = [...id].every((character) => character > ' ' && character <= '~')
  // No run that reads as a timestamp between dots, the dot after the id itself included.
  const hidden = `${id}.`
    .split('.')
    .slice(1, -1)
    .some((part) => /^[1-9]\d{8,11}$/.test(part))
  return id.length >= 1 && id.length <= 256 && isVisible && !hidden
}

function isTimestamp(text: string): boolean {
  const isDigits = text !== '' && [...text].every((digit) => digit >= '0' && digit <= '9')
  return isDigits && (text === '0' || !text.startsWith('0')) && text.length !== 13
}

const LENGTHS: Readonly<Record<string, number>> = { v1: 32, v1a: 64 }

/** Canonical padded base64 of the right length and nothing after it. */
function isSignature(text: string): boolean {
  const comma = text.indexOf(',')
  const [version, signature] = [text.slice(0, comma), text.slice(comma + 1)]
  const bytes = Buffer.from(signature, 'base64')
  return (
    Object.hasOwn(LENGTHS, version) &&
    bytes.length === LENGTHS[version] &&
    bytes.toString('base64') === signature
  )
}

/** A key has one algorithm. */
function answers({ scheme, bytes }: Key, candidates: readonly string[], content: Buffer): boolean {
  const own = candidates.filter((one) => one.startsWith(`${scheme},`))
  if (scheme === 'v1') {
    return own.includes(`v1,${createHmac('sha256', bytes).update(content).digest('base64')}`)
  }
  const x = bytes.toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return own
    .slice(0, 4)
    .some((one) => verify(null, content, key, Buffer.from(one.slice('v1a,'.length), 'base64')))
}

function isJson(body: Buffer): boolean {
  if (!isUtf8(body)) return false
  try {
    JSON.parse(body.toString().replace(/^\ufeff/, ''))
    return true
  } catch {
    return false
  }
}
