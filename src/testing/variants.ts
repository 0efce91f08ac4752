import { encodeUtf8 } from '../base/bytes.js'
import { anything, assertOptions, resolveOptions } from '../base/options.js'
import type { Secret } from '../delivery/types.js'
import { createSigner, generateSecret, type SignerOptions, type SignOptions } from '../sign.js'
import {
  bodyOf,
  REQUEST_OPTIONS,
  type RequestContent,
  type SignedRequest,
  type SignedRequestOptions,
  signedRequest,
  toSignedRequest,
} from './signed-request.js'

/** Options of {@link staleRequest} and {@link futureRequest}. */
export type ShiftedRequestOptions = SignerOptions &
  Omit<SignOptions, 'timestamp'> &
  RequestContent & {
    /** Seconds between its timestamp and now. Default 600, twice the usual tolerance. */
    by?: number | undefined
  }

/** Signed rightly, but too long ago: `timestamp_too_old`. */
export function staleRequest(options: ShiftedRequestOptions): Promise<SignedRequest> {
  return shifted(options, -1)
}

/** Signed rightly, but by a clock that runs ahead: `timestamp_too_new`. */
export function futureRequest(options: ShiftedRequestOptions): Promise<SignedRequest> {
  return shifted(options, 1)
}

// It makes its own timestamp.
const { timestamp: _, ...UNSHIFTED } = REQUEST_OPTIONS
const SHIFTED_OPTIONS = { ...UNSHIFTED, by: anything(600) }

async function shifted(options: ShiftedRequestOptions, direction: 1 | -1): Promise<SignedRequest> {
  const { by, ...signed } = resolveOptions(options, SHIFTED_OPTIONS)
  const now = Number((signed.now ?? Date.now)())
  return signedRequest({ ...contentful(signed), timestamp: new Date(now + direction * by * 1000) })
}

/** Signed rightly, and then its body was changed (a JSON object stays one): `signature_mismatch`. */
export async function tamperedRequest(options: SignedRequestOptions): Promise<SignedRequest> {
  const { text, headers } = await signedRequest(options)
  return toSignedRequest(encodeUtf8(tampered(text)), headers)
}

function tampered(text: string): string {
  const object = /^\s*\{(\s*\})?/.exec(text)
  if (!object) return `${text} `
  return text.replace('{', object[1] ? '{"tampered":true' : '{"tampered":true,')
}

/** Signed with a key that nobody has: `signature_mismatch`. */
export async function wrongKeyRequest(options: SignedRequestOptions): Promise<SignedRequest> {
  assertOptions(options)
  return signedRequest({ ...options, secret: generateSecret() })
}

/** Options of {@link rotatedRequest}. */
export type RotatedRequestOptions = SignedRequestOptions & {
  /** The secret before the rotation. Default: a random one. */
  previous?: Secret | undefined
}

const ROTATED_OPTIONS = {
  ...REQUEST_OPTIONS,
  previous: anything<Secret>(),
}

/** Signed with the previous secret and with the present one, as a sender does while it rotates: a receiver that has one of them accepts it. */
export async function rotatedRequest(options: RotatedRequestOptions): Promise<SignedRequest> {
  const { previous, secret, ...signed } = resolveOptions(options, ROTATED_OPTIONS)
  const current = Array.isArray(secret) ? secret : [secret as Secret]
  return signedRequest({
    ...contentful(signed),
    secret: [previous ?? generateSecret(), ...current],
  })
}

/** Two attempts at one delivery, a minute apart as far as the signed time goes: same id and body, each with its own signature. */
export async function duplicatedRequest(
  options: SignedRequestOptions,
): Promise<[first: SignedRequest, second: SignedRequest]> {
  const {
    payload,
    body: given,
    id,
    timestamp,
    ...signer
  } = resolveOptions(options, REQUEST_OPTIONS)
  const body = bodyOf({ payload, body: given })
  const sign = createSigner(signer)
  const time = timestamp ?? new Date(Number((signer.now ?? Date.now)()) - 60_000)
  const first = await sign(body, { id, timestamp: time })
  const later = typeof time === 'number' ? time + 60 : new Date(time.getTime() + 60_000)
  const second = await sign(body, { id: first['webhook-id'], timestamp: later })
  return [toSignedRequest(body, first), toSignedRequest(body, second)]
}

/** `signedRequest` refuses a payload and a body together; a table cannot know that there is one of them. */
function contentful<T extends object>(options: T): T & RequestContent {
  return options as T & RequestContent
}
