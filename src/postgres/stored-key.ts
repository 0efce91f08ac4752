import type { Awaitable } from '../base/awaitable.js'
import { encodeBase64, encodeUtf8 } from '../base/bytes.js'
import { subtleCrypto } from '../base/platform.js'

/** An index refuses long values, `text` refuses NUL, and some databases refuse some letters. */
const PLAIN = /^[\x20-\x7e]{0,500}$/

/** The key in the table: the key itself, or its SHA-256 if it is long or holds unusual characters. The two cannot collide, because the key of a delivery holds a space. */
export function storedKey(key: string): Awaitable<string> {
  return PLAIN.test(key) ? key : digestOf(key)
}

async function digestOf(key: string): Promise<string> {
  const bytes = encodeUtf8(key) as Uint8Array<ArrayBuffer>
  return `sha256:${encodeBase64(new Uint8Array(await subtleCrypto().digest('SHA-256', bytes)))}`
}
