import { createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import type { Line } from './oracle/delivery.js'
import type { Key } from './oracle/secret.js'

// Keys of the attacked receiver, made without the package.
const HMAC_1 = Buffer.from(
  'fbefbefbefbe00112233445566778899aabbccddeeff0123456789abcdefffff',
  'hex',
)
const HMAC_2 = Buffer.from(Array.from({ length: 32 }, (_, i) => i + 7))
const SEED = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex')
const PRIVATE = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), SEED]),
  format: 'der',
  type: 'pkcs8',
})
const PUBLIC = Buffer.from(createPublicKey(PRIVATE).export({ format: 'jwk' }).x ?? '', 'base64url')

export const KEYS: readonly Key[] = [
  { scheme: 'v1', bytes: HMAC_1 },
  { scheme: 'v1', bytes: HMAC_2 },
  { scheme: 'v1a', bytes: PUBLIC },
]
export const SECRET = `wh_${HMAC_1.toString('base64')}`
export const SECRETS: readonly string[] = [
  SECRET,
  `whsec_${HMAC_2.toString('base64url')}`,
  `whpk_${PUBLIC.toString('base64')}`,
]
/** Seconds since the epoch. */
export const NOW = 1_700_000_000

export function hmac(key: Uint8Array, id: string, timestamp: string, body: Uint8Array): string {
  const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body])
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`
}

/** Marks in header values that become the right signature of whatever the rest says, so that a mutated delivery can still be authentic. */
export const MARKS = ['{v1}', '{v1:2}', '{v1a}', '{cut}'] as const

export function signedLines(given: readonly Partial<Line>[], body: Uint8Array): Line[] {
  // Mutations also shorten the pairs.
  const lines = given.map(([name = '', value = '']): Line => [name, value])
  const value = (part: string): string =>
    lines.find(([name]) => new RegExp(`^(webhook|svix)-${part}$`, 'i').test(name))?.[1] ?? ''
  const [id, timestamp] = [
    value('id').split(', ')[0] ?? '',
    value('timestamp').split(', ')[0] ?? '',
  ]
  const right = {
    '{v1}': () => hmac(HMAC_1, id, timestamp, body),
    '{v1:2}': () => hmac(HMAC_2, id, timestamp, body),
    '{v1a}': () => {
      const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body])
      return `v1a,${sign(null, content, PRIVATE).toString('base64')}`
    },
    // A right signature that lost its end.
    '{cut}': () => hmac(HMAC_1, id, timestamp, body).slice(0, -1),
  }
  return lines.map(([name, text]) => {
    let replaced = text
    for (const [mark, signature] of Object.entries(right)) {
      if (replaced.includes(mark)) replaced = replaced.replaceAll(mark, signature())
    }
    return [name, replaced]
  })
}

/** The lines of a delivery that is right. */
export function rightLines(more: readonly Line[] = [], set = 'webhook'): Line[] {
  return [
    [`${set}-id`, 'msg_1'],
    [`${set}-timestamp`, String(NOW)],
    [`${set}-signature`, '{v1}'],
    ...more,
  ]
}

/** Bodies are texts with a character for each byte. */
export function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

export const HEADER_WORDS = [
  'webhook-id',
  'Webhook-Timestamp',
  'webhook-signature',
  'svix-id',
  'svix-timestamp',
  'svix-signature',
  'content-length',
  'Content-Encoding',
  'content-type',
  '__proto__',
  ...MARKS,
  'v1,',
  'v1a,',
  'v2,',
  ', ',
  ',',
  'v1,AAAA',
  String(NOW),
  String(NOW + 300),
  String(NOW - 301),
  `${NOW}000`,
  `.${NOW}.`,
  `msg_1.${NOW}`,
]
