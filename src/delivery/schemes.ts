import {
  importMacKey,
  importPublicKey,
  type MacKey,
  mac,
  type PublicKey,
  verifySignature,
} from '#crypto'
import { type Awaitable, andThen } from '../base/awaitable.js'
import { encodeBase64, equalConstantTime } from '../base/bytes.js'
import type { Scheme, VerificationKey } from './types.js'

interface SchemeRules {
  /** Pattern of a candidate: canonical padded base64 of exactly the right length. */
  readonly candidate: RegExp
  readonly importKey: (bytes: Uint8Array) => Awaitable<VerificationKey>
}

// Each candidate costs a verification of the whole body, so their number is limited.
const MAX_V1A_CANDIDATES = 4

/** Standard Webhooks, "Signature scheme": which versions there are and what each one means. */
export const SCHEMES: Record<Scheme, SchemeRules> = {
  v1: {
    candidate: /^v1,[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/,
    importKey: (bytes) => andThen(importMacKey(bytes), macKey),
  },
  v1a: {
    candidate: /^v1a,[A-Za-z0-9+/]{85}[AQgw]==$/,
    importKey: (bytes) => andThen(importPublicKey(bytes), (key) => publicKey(key, bytes)),
  },
}

function macKey(key: MacKey): Awaitable<VerificationKey> {
  return andThen(mac(key, 'countersign key id', new Uint8Array(0)), (tag) => ({
    keyId: keyId(tag),
    scheme: 'v1',
    matches: (candidates, prefix, body) =>
      andThen(mac(key, prefix, body), (tag) => {
        let found = false
        for (const candidate of candidates) {
          // Behind `v1,`; of a `v1a` too much is left to be equal.
          if (equalConstantTime(tag, candidate, 3)) found = true
        }
        return found
      }),
  }))
}

/** Eight characters of a MAC over a fixed text, or of the public key. They are the same in every process and do not help a forger. */
function keyId(text: string): string {
  return text.slice(0, 8).replace(/\W/g, '_')
}

function publicKey(key: PublicKey, bytes: Uint8Array): VerificationKey {
  return {
    keyId: keyId(encodeBase64(bytes)),
    scheme: 'v1a',
    async matches(candidates, prefix, body) {
      const signatures = candidates.filter((candidate) => candidate.startsWith('v1a,'))
      for (const candidate of signatures.slice(0, MAX_V1A_CANDIDATES)) {
        if (await verifySignature(key, candidate.slice(4), prefix, body)) return true
      }
      return false
    },
  }
}
