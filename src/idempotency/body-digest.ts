import { importMacKey, type MacKey, mac } from '#crypto'
import { encodeUtf8 } from '../base/bytes.js'

// This key is not secret. The MAC is used as a hash, so the backends need no other function.
const LABEL = 'countersign: digest of a body'
let key: MacKey | undefined

/** A short fingerprint of a body: 72 bits in base64. */
export async function bodyDigest(body: Uint8Array): Promise<string> {
  key ??= await importMacKey(encodeUtf8(LABEL))
  return (await mac(key, '', body)).slice(0, 12)
}
