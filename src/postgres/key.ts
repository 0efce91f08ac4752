import { encodeBase64, encodeUtf8 } from '../base/bytes.js'
import { subtleCrypto } from '../base/platform.js'

/** An index takes no long values, `text` no NUL, and some databases not every letter. */
const PLAIN = /^[\x20-\x7e]{0,500}$/

/** The key as it stands in the table: as it is, or its SHA-256 if it is long or holds unusual characters. No key of a delivery looks like one: it holds a space. */
export async function storedKey(key: string): Promise<string> {
  if (PLAIN.test(key)) return key
  const bytes = encodeUtf8(key) as Uint8Array<ArrayBuffer>
  return `sha256:${encodeBase64(new Uint8Array(await subtleCrypto().digest('SHA-256', bytes)))}`
}
