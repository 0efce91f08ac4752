import { bodyBytes } from '../delivery/body.js'
import { parseSecret, secretText } from '../delivery/secrets.js'

/** The key bytes that the originals make of a secret. Throws an `Error` with their messages. */
export function keyBytes(secret: unknown, raw: boolean): Uint8Array {
  if (ArrayBuffer.isView(secret)) return bodyBytes(secret as Uint8Array).slice()
  if (typeof secret !== 'string') {
    throw new Error("Secret can't be empty. (Expected secret to be of type string)")
  }
  if (raw) return Uint8Array.from(secret, (char) => char.charCodeAt(0))
  const text = secretText(secret).replace(/^wh(sec)?_/, '')
  if (text === '') return new Uint8Array(0)
  if (text.length < 4 || text.endsWith('===')) throw new Error('Base64Coder: incorrect padding')
  return strictBytes(secret) ?? forgivingBytes(text)
}

function strictBytes(secret: string): Uint8Array | undefined {
  try {
    const { scheme, bytes } = parseSecret(secret, 1)
    return scheme === 'v1' ? bytes : undefined
  } catch {
    return undefined
  }
}

// The originals ignore stray bits and a lone last digit. Such a secret gives the same key here.
function forgivingBytes(text: string): Uint8Array {
  const digits = text.replace(/=+$/, '')
  if (!/^[A-Za-z0-9+/]*$/.test(digits)) {
    throw new Error('Base64Coder: incorrect characters for decoding')
  }
  const whole = digits.length % 4 === 1 ? digits.slice(0, -1) : digits
  return Uint8Array.from(atob(whole), (char) => char.charCodeAt(0))
}
