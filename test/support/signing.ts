import { createHmac } from 'node:crypto'

/** When the deliveries of the tests are signed, in seconds since the epoch, and the clock that says so. */
export const SIGNED_AT = 1_700_000_000
export const now = (): number => SIGNED_AT * 1000

/** 32 bytes whose base64 holds both `+` and `/`, so that base64url reads differently. */
export const KEY = Buffer.from(
  'fbefbefbefbe00112233445566778899aabbccddeeff0123456789abcdefffff',
  'hex',
)
export const SECRET = `wh_${KEY.toString('base64')}`
export const OTHER_KEY = Buffer.from(Array.from({ length: 32 }, (_, i) => i + 7))

export interface SignedByHand {
  id?: string
  timestamp?: string | number
  body?: string | Uint8Array
  key?: Uint8Array
}

/** A `v1` signature as the standard's text says, by `node:crypto` alone: nothing of ours takes part. */
export function signByHand(delivery: SignedByHand = {}): string {
  const { id = 'msg_1', timestamp = SIGNED_AT, body = '{"a":1}', key = KEY } = delivery
  const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)])
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`
}

export type HandSignedHeaders = Record<
  'webhook-id' | 'webhook-timestamp' | 'webhook-signature',
  string
>

/** A delivery and the headers that sign it. */
export function handSigned(delivery: SignedByHand = {}): {
  body: string | Uint8Array
  headers: HandSignedHeaders
} {
  const { id = 'msg_1', timestamp = SIGNED_AT, body = '{"a":1}' } = delivery
  return {
    body,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signByHand(delivery),
    },
  }
}
