import { importMacKey, type MacKey, mac } from '#crypto'
import { type Awaitable, isThenable } from '../base/awaitable.js'
import { encodeUtf8 } from '../base/bytes.js'

// This key is not secret. The MAC is used as a hash, so the backends need no other function.
const LABEL = 'countersign: digest of a body'
let key: MacKey | undefined

/** A short fingerprint of a body: 72 bits in base64. */
export async function bodyDigest(body: Uint8Array): Promise<string> {
  if (!key) {
    const imported: Awaitable<MacKey> = importMacKey(encodeUtf8(LABEL))
    key = isThenable(imported) ? await imported : imported
  }
  const digest: Awaitable<string> = mac(key, '', body)
  return (isThenable(digest) ? await digest : digest).slice(0, 12)
}
