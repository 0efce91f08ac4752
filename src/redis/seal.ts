import { concatBytes, decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from '../base/bytes.js'

/** Encrypts and authenticates a text, or hands it through where there is no key. */
export interface Seal {
  close(text: string): Promise<string>
  /** Rejects for what was not closed with the same key for the same place. */
  open(sealed: string): Promise<string>
}

export const NO_SEAL: Seal = {
  close: async (text) => text,
  open: async (text) => text,
}

const MARK = 'gcm1.'
const IV_BYTES = 12

/** AES-GCM; `place` is authenticated too, so that nobody can move one account's secret to another. Throws a `TypeError` for a key of another length. */
export function createSeal(encryptionKey: unknown, place: string): Seal {
  const key = importKey(encryptionKey)
  const algorithm = (iv: Uint8Array<ArrayBuffer>) => ({
    name: 'AES-GCM',
    iv,
    additionalData: encodeUtf8(place) as Uint8Array<ArrayBuffer>,
  })

  return {
    async close(text) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
      const plain = encodeUtf8(text) as Uint8Array<ArrayBuffer>
      const cipher = new Uint8Array(await crypto.subtle.encrypt(algorithm(iv), await key, plain))
      return MARK + encodeBase64(concatBytes([iv, cipher], iv.length + cipher.length))
    },
    async open(sealed) {
      const bytes = sealed.startsWith(MARK) && decodeBase64(sealed.slice(MARK.length))
      if (!bytes) throw new Error('the snapshot is not encrypted, but there is an encryptionKey')
      const [iv, cipher] = [bytes.slice(0, IV_BYTES), bytes.slice(IV_BYTES)]
      const plain = await crypto.subtle.decrypt(algorithm(iv), await key, cipher).catch(() => {
        throw new Error('the snapshot cannot be decrypted with this encryptionKey')
      })
      return decodeUtf8(new Uint8Array(plain))
    },
  }
}

function importKey(key: unknown): Promise<CryptoKey> {
  const bytes = typeof key === 'string' ? decodeBase64(key.trim()) : key
  if (!ArrayBuffer.isView(bytes) || ![16, 32].includes(bytes.byteLength)) {
    throw new TypeError('encryptionKey must be 16 or 32 bytes, or their base64')
  }
  return crypto.subtle.importKey('raw', bytes as Uint8Array<ArrayBuffer>, 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ])
}
