import { assertSet } from '../base/assert-set.js'
import type { Awaitable } from '../base/awaitable.js'
import { concatBytes, decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from '../base/bytes.js'
import { platform, subtleCrypto } from '../base/platform.js'
import { RefreshError } from './refresh-error.js'

/** Encrypts and authenticates a text and its version, or returns it unchanged if there is no key. */
export interface Seal {
  close(text: string, version: number): Awaitable<string>
  /** Throws for a text that was not closed with the same key, place and version. */
  open(sealed: string, version: number): Awaitable<string>
}

export const NO_SEAL: Seal = {
  close: (text) => text,
  open: (text) => text,
}

const MARK = 'gcm1.'
const IV_BYTES = 12

/**
 * Uses AES-GCM. `place` and the version are authenticated too, so nobody can move a secret to another account or present an old one as new.
 * Throws a `TypeError` for a key of another length.
 */
export function createSeal(encryptionKey: unknown, place: string): Seal {
  const key = importKey(encryptionKey)
  const algorithm = (iv: Uint8Array<ArrayBuffer>, version: number) => ({
    name: 'AES-GCM',
    iv,
    additionalData: encodeUtf8(`${place} ${version}`) as Uint8Array<ArrayBuffer>,
  })

  return {
    async close(text, version) {
      const iv = platform('crypto').getRandomValues(new Uint8Array(IV_BYTES))
      const plain = encodeUtf8(text) as Uint8Array<ArrayBuffer>
      const encrypted = subtleCrypto().encrypt(algorithm(iv, version), await key, plain)
      const cipher = new Uint8Array(await encrypted)
      return MARK + encodeBase64(concatBytes(iv, cipher))
    },
    async open(sealed, version) {
      if (!sealed.startsWith(MARK))
        throw unopened(
          'the snapshot is not encrypted, and encryptionKey accepts only encrypted ones: delete the snapshot',
        )
      // A text that was cut may be no base64 any more. No bytes cannot be decrypted either.
      const bytes = decodeBase64(sealed.slice(MARK.length)) ?? new Uint8Array()
      const [iv, cipher] = [bytes.slice(0, IV_BYTES), bytes.slice(IV_BYTES)]
      const opened = subtleCrypto().decrypt(algorithm(iv, version), await key, cipher)
      const plain = await opened.catch(() => {
        throw unopened(
          'the snapshot cannot be decrypted: use the encryptionKey that it was saved with, or delete the snapshot',
        )
      })
      return decodeUtf8(new Uint8Array(plain))
    },
  }
}

function unopened(message: string): RefreshError {
  return new RefreshError('snapshot_failed', message)
}

function importKey(key: unknown): Promise<CryptoKey> {
  assertSet('encryptionKey', key)
  const bytes = typeof key === 'string' ? decodeBase64(key.trim()) : key
  if (!ArrayBuffer.isView(bytes) || ![16, 32].includes(bytes.byteLength)) {
    const found = ArrayBuffer.isView(bytes)
      ? `${bytes.byteLength} bytes`
      : 'neither bytes nor base64'
    throw new TypeError(
      `encryptionKey must be 16 or 32 bytes, or their base64, but this is ${found}`,
    )
  }
  return subtleCrypto().importKey('raw', bytes as Uint8Array<ArrayBuffer>, 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ])
}
