// Checked by the compiler, not run: a delivery has a payload or a body, never both.
import type { WebhookBody } from 'countersign'
import {
  duplicatedRequest,
  futureRequest,
  rotatedRequest,
  type SignedRequestOptions,
  signedRequest,
  staleRequest,
  tamperedRequest,
  wrongKeyRequest,
} from 'countersign/testing'

declare const secret: string
declare const body: WebhookBody
declare const either: { payload?: undefined; body: string } | { payload: object; body?: undefined }
declare const options: Partial<SignedRequestOptions>
const payload = { type: 'user.created' }

signedRequest({ secret })
signedRequest({ secret, payload })
signedRequest({ secret, payload: null })
signedRequest({ secret, body })
signedRequest({ secret, payload, body: undefined })
signedRequest({ secret, payload: undefined, body })
signedRequest({ secret, ...either })
signedRequest({ secret, ...options })
staleRequest({ secret, payload, by: 400 })
rotatedRequest({ secret, body, previous: secret })

// @ts-expect-error: payload or body
signedRequest({ secret, payload, body })
// @ts-expect-error: payload or body
staleRequest({ secret, payload, body })
// @ts-expect-error: payload or body
futureRequest({ secret, payload, body })
// @ts-expect-error: payload or body
tamperedRequest({ secret, payload, body })
// @ts-expect-error: payload or body
wrongKeyRequest({ secret, payload, body })
// @ts-expect-error: payload or body
rotatedRequest({ secret, payload, body })
// @ts-expect-error: payload or body
duplicatedRequest({ secret, payload, body })
// @ts-expect-error: a shifted request makes its own timestamp
staleRequest({ secret, timestamp: 1 })
// @ts-expect-error: misspelt
signedRequest({ secret, paylod: payload })
