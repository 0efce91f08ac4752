import { type SignedRequestOptions, signedRequest } from 'countersign/testing'
import type { Outgoing } from './raw-http.js'

/** The options of a case, unless it sets its own. */
export const NOW = 1_700_000_000_000
export const SECRET = 'wh_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo='

/** A delivery as the sender of every case makes it. */
export async function signed(options: Partial<SignedRequestOptions> = {}): Promise<Outgoing> {
  const { headers, body } = await signedRequest({ secret: SECRET, now: () => NOW, ...options })
  return { headers: Object.entries(headers), body }
}
