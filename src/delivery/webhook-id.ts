import { malformed } from '../base/errors.js'

// Characters that would let the signed content `id.timestamp.body` be split at another place.
const TIMESTAMP_IN_ID = /\.[1-9]\d{8,11}(\.|$)/

/** Checks a `webhook-id`. The receiver and the signer use the same rule. */
export function isId(id: string): boolean {
  return /^[!-~]{1,256}$/.test(id) && !TIMESTAMP_IN_ID.test(id)
}

export const ID_RULE =
  'webhook-id must be 1 to 256 visible ASCII characters, with no timestamp between dots'

export function parseId(id: string): string {
  if (isId(id)) return id
  throw malformed(ID_RULE)
}
