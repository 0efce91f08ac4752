import { type Awaitable, isThenable, then } from './awaitable.js'
import { bodyBytes } from './body.js'
import { isWebhookError, WebhookError } from './errors.js'
import { parseHeaderNames, parseHeaders } from './headers.js'
import { assertOptions, functionOption, numberOption } from './options.js'
import { createPayloadParser } from './payload.js'
import { notify, reportRefusal, type Seen } from './report.js'
import { MIN_SECRET_BYTES } from './secrets.js'
import { findKey, parseSignatures, type SignedContent, signedPrefix } from './signature.js'
import { attempt, createSourceFor, unavailable } from './sources/source.js'
import type {
  HeadersInput,
  KeySet,
  SecretContext,
  SecretSource,
  VerificationKey,
  Verifier,
  VerifierOptions,
  Webhook,
  WebhookBody,
} from './types.js'

export const VERIFIER_OPTIONS = [
  'secret',
  'tolerance',
  'headers',
  'schema',
  'parse',
  'now',
  'onVerdict',
  'minSecretBytes',
] as const

/** Resolves to the webhook or rejects with a {@link WebhookError}; fills in `seen` as far as it gets. */
export type Authenticate<T, Context = SecretContext> = (
  body: WebhookBody,
  headers: HeadersInput,
  context?: Context,
  seen?: Seen,
) => Promise<Webhook<T>>

/**
 * Verifies Standard Webhooks deliveries: authentic, fresh, and over exactly the bytes that arrived.
 *
 * Throws a `TypeError` for an option that is unknown or wrong.
 *
 * @example
 * ```ts
 * import { createVerifier } from 'countersign'
 * const verify = createVerifier({ secret: 'wh_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo' })
 * export async function receive(request: Request): Promise<unknown> {
 *   const webhook = await verify(await request.arrayBuffer(), request.headers)
 *   return webhook.payload
 * }
 * ```
 */
export function createVerifier<T = unknown>(options: VerifierOptions<T>): Verifier<T> {
  assertOptions(options, VERIFIER_OPTIONS)
  const authenticate = createAuthenticate(options)
  const onVerdict = functionOption('onVerdict', options.onVerdict, undefined)

  function verify(
    body: WebhookBody,
    headers: HeadersInput,
    context?: SecretContext,
  ): Promise<Webhook<T>> {
    if (!onVerdict) return authenticate(body, headers, context)
    const seen: Seen = {}
    return authenticate(body, headers, context, seen).then(
      (webhook) => {
        notify(onVerdict, { outcome: 'accepted', ...seen, keyId: webhook.keyId })
        return webhook
      },
      (error) => {
        reportRefusal(onVerdict, seen, error)
        throw error
      },
    )
  }

  return Object.assign(verify, {
    check: (body: WebhookBody, headers: HeadersInput, context?: SecretContext) =>
      verify(body, headers, context).then(
        (webhook) => ({ ok: true, webhook }) as const,
        (error) => {
          if (isWebhookError(error)) return { ok: false, error } as const
          throw error
        },
      ),
  })
}

/** The rules of a delivery in the order of their cost: body shape, headers, time, then keys and crypto. */
export function createAuthenticate<T, Context extends SecretContext>(
  options: VerifierOptions<T, Context>,
): Authenticate<T, Context> {
  const names = parseHeaderNames(options.headers)
  const tolerance = numberOption('tolerance', options.tolerance, 300)
  const minBytes = numberOption('minSecretBytes', options.minSecretBytes, MIN_SECRET_BYTES, 1)
  const now = functionOption('now', options.now, Date.now)
  const parsePayload = createPayloadParser(options)
  const sourceFor = createSourceFor(options.secret, minBytes)

  return async function authenticate(body, headers, context = {} as Context, seen = {}) {
    const bytes = bodyBytes(body)
    const { id, timestamp, timestampText, signature } = parseHeaders(headers, names)
    seen.id = id
    seen.age = +now() / 1000 - timestamp
    assertFresh(seen.age, tolerance)
    const candidates = parseSignatures(signature)
    if (candidates.length === 0) throw mismatch()
    const content = { candidates, prefix: signedPrefix(id, timestampText), body: bytes }

    let key = then(sourceFor(context), (source) => keyFrom(source, content, timestamp, context))
    if (isThenable(key)) key = await key
    let payload = parsePayload(bytes)
    if (isThenable(payload)) payload = await payload
    return {
      id,
      timestamp: new Date(timestamp * 1000),
      body: bytes,
      payload,
      keyId: key.keyId,
      scheme: key.scheme,
    }
  }
}

function assertFresh(age: number, tolerance: number): void {
  if (age > tolerance) throw new WebhookError('timestamp_too_old', 'the timestamp is too old')
  // Not `<`, so that a clock which is not a number refuses.
  if (!(age >= -tolerance)) throw new WebhookError('timestamp_too_new', 'the timestamp is too new')
}

/** The key that verifies, from what the source knows now or, where nothing matches, from a second look. */
function keyFrom(
  source: SecretSource,
  content: SignedContent,
  signedAt: number,
  context: SecretContext,
): Awaitable<VerificationKey> {
  return then(
    usable(() => source.read(context)),
    (known) =>
      then(findKey(known.keys, content), (key) => {
        if (key) return key
        return then(
          usable(() => source.reread(signedAt, context)),
          (fresh) =>
            then(fresh.keys === known.keys ? undefined : findKey(fresh.keys, content), (key) => {
              if (key) return key
              throw fresh.current ? mismatch() : undecided(fresh.retryAfter)
            }),
        )
      }),
  )
}

/** Keys, or `secret_unavailable` where the source has none or fails. */
function usable(read: () => Awaitable<KeySet>): Awaitable<KeySet> {
  return attempt(() =>
    then(read(), (set) => {
      if (set.keys.length === 0) throw unavailable('the source holds no key')
      return set
    }),
  )
}

function mismatch(): WebhookError {
  return new WebhookError('signature_mismatch', 'no signature matches')
}

function undecided(retryAfter = 5): WebhookError {
  return new WebhookError(
    'signature_undecided',
    'no signature matches the keys known now, but the key may just have rotated',
    { retryAfter },
  )
}
