import { type Awaitable, isThenable } from './base/awaitable.js'
import { isWebhookError, refusal, type WebhookError } from './base/errors.js'
import {
  amount,
  anything,
  callback,
  callbackOrFlag,
  type OptionTable,
  oneOf,
  resolveOptions,
  type Settings,
} from './base/options.js'
import { bodyBytes } from './delivery/body.js'
import { parseHeaderNames, parseHeaders } from './delivery/headers.js'
import { createPayloadParser } from './delivery/payload.js'
import { createReporting, type Report } from './delivery/report.js'
import { MIN_SECRET_BYTES } from './delivery/secrets.js'
import {
  findKey,
  keyIdsOf,
  parseSignatures,
  type SignedContent,
  signedPrefix,
} from './delivery/signature.js'
import type {
  HeadersInput,
  KeySet,
  SecretContext,
  Verdict,
  VerdictEvent,
  VerificationKey,
  Verifier,
  VerifierOptions,
  Webhook,
  WebhookBody,
} from './delivery/types.js'
import { createSourceFor, lookupFailed, unavailable } from './sources/source.js'

export const VERIFIER_OPTIONS = {
  secret: anything<VerifierOptions['secret']>(),
  tolerance: amount(300),
  headers: anything<VerifierOptions['headers']>(),
  schema: anything<VerifierOptions['schema']>(),
  parse: oneOf('json', 'none'),
  now: callback((): number | Date => Date.now()),
  onVerdict: callback<(event: VerdictEvent) => void>(),
  warn: callbackOrFlag<VerifierOptions['warn']>(),
  minSecretBytes: amount(MIN_SECRET_BYTES),
} satisfies OptionTable<VerifierOptions>

/** The options of a verifier with their defaults. Typed by hand, because the option table cannot express `T` and `Context`. */
export interface VerifierSettings<T, Context>
  extends Omit<Settings<typeof VERIFIER_OPTIONS>, 'secret' | 'schema'> {
  readonly secret: VerifierOptions<T, Context>['secret']
  readonly schema: VerifierOptions<T, Context>['schema']
}

/** The values of the headers after they were checked. */
export interface Examined {
  readonly id: string
  /** As it was written: seconds since the epoch. */
  readonly timestamp: string
  readonly candidates: readonly string[]
}

/** Checks a delivery in two steps, cheapest first. The body is read only for a delivery that can be authentic. */
export interface Authenticator<T, Context = SecretContext> {
  /** Checks the headers, the timestamp and the form of the signature. Throws a {@link WebhookError}. Fills in `report` until then. */
  examine(headers: HeadersInput, report: Report): Examined
  /** Finds the key, checks the signature and parses the payload. Resolves to the webhook or rejects with a {@link WebhookError}. Nobody else may change `body`. */
  authenticate(
    examined: Examined,
    body: Uint8Array,
    context: Context,
    report: Report,
  ): Promise<Webhook<T>>
}

/**
 * Creates a function that verifies Standard Webhooks deliveries. It checks the timestamp, and the signature over exactly the bytes that arrived.
 *
 * Throws a `TypeError` for an unknown or invalid option.
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
  const resolved = resolveOptions(options, VERIFIER_OPTIONS)
  // `secret` and `schema` are taken over from the options unchanged.
  const settings = resolved as VerifierSettings<T, SecretContext>
  const reporting = createReporting(settings)
  const { examine, authenticate } = createAuthenticator(settings)
  const verdictOf = <R>(
    body: WebhookBody,
    headers: HeadersInput,
    context: SecretContext = {},
    refused?: (error: WebhookError) => R,
  ): Promise<Webhook<T> | R> =>
    reporting<Webhook<T> | R>({
      headers,
      context,
      refused,
      run(attempt, report) {
        attempt.body = body
        const bytes = bodyBytes(body)
        const examined = examine(attempt.headers, report)
        // One copy is verified, parsed and returned, so the caller may change its buffer meanwhile.
        const own = typeof body === 'string' ? bytes : new Uint8Array(bytes)
        return authenticate(examined, own, context, report)
      },
    })
  const verify: Verifier<T> = (body, headers, context) => verdictOf<never>(body, headers, context)
  verify.check = (body, headers, context) =>
    verdictOf(body, headers, context, (error) => error).then(toVerdict)
  return verify
}

function toVerdict<T>(result: Webhook<T> | WebhookError): Verdict<T> {
  return isWebhookError(result) ? { ok: false, error: result } : { ok: true, webhook: result }
}

export function createAuthenticator<T, Context extends SecretContext>({
  secret,
  tolerance,
  headers: headerNames,
  schema,
  parse,
  now,
  minSecretBytes,
}: VerifierSettings<T, Context>): Authenticator<T, Context> {
  const names = parseHeaderNames(headerNames)
  const parsePayload = createPayloadParser(parse, schema)
  const sourceFor = createSourceFor(secret, minSecretBytes)

  function examine(headers: HeadersInput, report: Report): Examined {
    const { id, timestamp, signature } = parseHeaders(headers, names)
    report.id = id
    report.age = +now() / 1000 - Number(timestamp)
    assertFresh(report.age, tolerance)
    const candidates = parseSignatures(signature)
    if (!candidates.length) throw mismatch()
    return { id, timestamp, candidates }
  }

  async function authenticate(
    { id, timestamp, candidates }: Examined,
    body: Uint8Array,
    context: Context,
    report: Report,
  ): Promise<Webhook<T>> {
    const signedAt = Number(timestamp)
    report.bytes = body.length
    const content = {
      candidates,
      prefix: signedPrefix(id, timestamp),
      body,
      minBytes: minSecretBytes,
    }
    let key: Awaitable<VerificationKey | undefined>
    try {
      let source = sourceFor(context)
      if (isThenable(source)) source = await source
      let known = source.read(context)
      if (isThenable(known)) known = await known
      key = findKey(known.keys, content)
      if (isThenable(key)) key = await key
      key ??= await lookAgain(known, source.reread(signedAt, context), content, report)
    } catch (error) {
      throw isWebhookError(error) ? error : lookupFailed(error)
    }
    let payload = parsePayload(body)
    if (isThenable(payload)) payload = await payload
    const { keyId, scheme } = key
    report.keyId = keyId
    return { id, timestamp: new Date(signedAt * 1000), body, payload, keyId, scheme }
  }

  return { examine, authenticate }
}

function assertFresh(age: number, tolerance: number): void {
  const isOld = age > tolerance
  // Not `<`, so that the delivery is refused if the clock returns NaN.
  if (!isOld && age >= -tolerance) return
  const found = `${Math.round(Math.abs(age))} s ${isOld ? 'old' : 'ahead of this clock'}`
  const cause = isOld ? ', or the delivery was held up' : ''
  throw refusal(
    isOld ? 'timestamp_too_old' : 'timestamp_too_new',
    `webhook-timestamp is ${found} and the tolerance is ${tolerance} s: check the clocks of sender and receiver${cause}`,
  )
}

/** Reads the keys again because no known key matched, and returns the key that verifies. */
async function lookAgain(
  known: KeySet,
  reread: Awaitable<KeySet>,
  content: SignedContent,
  report: Report,
): Promise<VerificationKey> {
  const { keys, current, retryAfter = 5, cause } = await reread
  const key = keys === known.keys ? undefined : await findKey(keys, content)
  if (key) return key
  if (!keys.length) throw unavailable('the secret source has no keys: check what it reads')
  report.expectedKeyIds = await keyIdsOf(keys, content.minBytes)
  if (current) throw mismatch()
  throw refusal(
    'signature_undecided',
    `no signature matches the known keys, and newer keys could not be read${cause ? `: ${cause.message}` : ''}`,
    { retryAfter, cause },
  )
}

function mismatch(): WebhookError {
  return refusal(
    'signature_mismatch',
    'no signature matches the secret: diagnose({ ...error.delivery, secret }) from countersign/diagnose says why',
  )
}
