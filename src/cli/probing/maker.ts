import { createHmac } from 'node:crypto'
import { parseSecret } from '../../delivery/secrets.js'
import { createSigner } from '../../sign.js'
import type { HeaderLines } from '../wire/exchange.js'
import type { Maker, ProbeRequest } from './probe-case.js'

/** A small event, written as `JSON.stringify` writes it. */
export function event(data: object = {}): string {
  return JSON.stringify({ type: 'countersign.probe', timestamp: new Date().toISOString(), data })
}

export function createMaker(secrets: readonly string[]): Maker {
  const sign = createSigner({ secret: secrets })
  return {
    secrets,
    sign,
    now: Math.floor(Date.now() / 1000),
    signed: (body, options) => sign(body, options),
    mac(text, key = hmacKey(secrets[0] ?? '')) {
      return key && `v1,${createHmac('sha256', key).update(text).digest('base64')}`
    },
  }
}

function hmacKey(secret: string): Uint8Array | undefined {
  if (/^whsk_/.test(secret.trim())) return undefined
  const { scheme, bytes } = parseSecret(secret)
  return scheme === 'v1' ? bytes : undefined
}

/** Header lines and body; lines given replace those of the same name, `undefined` takes one away. */
export function requestOf(
  signed: Readonly<Record<string, string>>,
  body: Uint8Array | string,
  changes: Readonly<Record<string, string | undefined>> = {},
): ProbeRequest {
  const all = { 'content-type': 'application/json', ...signed, ...changes }
  const headers = Object.entries(all).flatMap(
    ([name, value]): HeaderLines => (value === undefined ? [] : [[name, value]]),
  )
  return { headers, body: Buffer.from(body) }
}
