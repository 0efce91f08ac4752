// Which key a secret stands for, written from section 3.2 of the design and the Standard Webhooks specification alone.
import { isTrustworthy } from './curve.js'

export interface Key {
  readonly scheme: 'v1' | 'v1a'
  readonly bytes: Buffer
}

export type GivenSecret = string | { readonly value: string; readonly encoding: string }

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** `undefined` for a secret that a verifier must refuse. */
export function keyOf(secret: GivenSecret, minBytes = 24): Key | undefined {
  const given = typeof secret === 'string' ? secret : secret.value
  const text = without(given.trim(), 'v1,')
  if (typeof secret === 'string' && text.startsWith('whpk_')) {
    const bytes = cleanBase64(text.slice('whpk_'.length))
    return bytes?.length === 32 && isTrustworthy(bytes) ? { scheme: 'v1a', bytes } : undefined
  }
  if (/^(wh_|whsec_)?wh[sp]k_/i.test(text)) return undefined
  const bytes = typeof secret === 'string' ? cleanBase64(bare(text)) : encoded(secret)
  if (!bytes || bytes.length === 0 || bytes.length < minBytes) return undefined
  // A key of zeros equals the empty key, and any other repeated byte is a placeholder.
  if (bytes.every((byte) => byte === bytes[0])) return undefined
  return { scheme: 'v1', bytes }
}

function encoded({
  value,
  encoding,
}: {
  readonly value: string
  readonly encoding: string
}): Buffer | undefined {
  if (value.trim() === '') return undefined
  if (encoding === 'utf8') return Buffer.from(value, 'utf8')
  if (encoding === 'base64') return cleanBase64(bare(without(value.trim(), 'v1,')))
  const digits = value.trim()
  if (encoding !== 'hex' || digits.length % 2 === 1 || /[^0-9a-fA-F]/.test(digits)) return undefined
  return Buffer.from(digits, 'hex')
}

function bare(text: string): string {
  return text.startsWith('whsec_') ? text.slice('whsec_'.length) : without(text, 'wh_')
}

function without(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text
}

/** One of the two alphabets, padded wholly or not at all, no stray bits: it must be what an encoder writes. */
function cleanBase64(text: string): Buffer | undefined {
  const digits = text.replace(/=+$/, '')
  for (const alphabet of [STANDARD, URL_SAFE]) {
    if (![...digits].every((digit) => alphabet.includes(digit))) continue
    const bytes = Buffer.from(digits, alphabet === STANDARD ? 'base64' : 'base64url')
    const padded = bytes.toString('base64')
    const plain = padded.replace(/=+$/, '')
    const same = alphabet === STANDARD ? plain : plain.replaceAll('+', '-').replaceAll('/', '_')
    const paddings = ['', '='.repeat(padded.length - plain.length)]
    if (same === digits && paddings.includes(text.slice(digits.length))) return bytes
  }
  return undefined
}
