import { type Awaitable, andThen } from '../base/awaitable.js'
import { parseHeaderNames, parseHeaders } from '../delivery/headers.js'
import { createPayloadParser } from '../delivery/payload.js'
import type { Report } from '../delivery/report.js'
import { parseSignatures, signatureMismatch, signedPrefix } from '../delivery/signature.js'
import { assertFresh } from '../delivery/timestamp.js'
import type { HeadersInput, SecretContext, Webhook } from '../delivery/types.js'
import { createKeySearch } from '../sources/key-search.js'
import type { VerifierSettings } from './verifier-options.js'

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
  /** Finds the key, checks the signature and parses the payload. Throws or rejects with a {@link WebhookError}. Nobody else may change `body`. */
  authenticate(
    examined: Examined,
    body: Uint8Array,
    context: Context,
    report: Report,
  ): Awaitable<Webhook<T>>
}

/** Applies the rules in the order of their cost. Each rule is a file in `delivery/`, and the keys come from `sources/`. */
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
  const searchKey = createKeySearch(secret, minSecretBytes)

  function examine(headers: HeadersInput, report: Report): Examined {
    const { id, timestamp, signature } = parseHeaders(headers, names)
    report.id = id
    report.age = +now() / 1000 - Number(timestamp)
    assertFresh(report.age, tolerance)
    const candidates = parseSignatures(signature)
    if (!candidates.length) throw signatureMismatch()
    return { id, timestamp, candidates }
  }

  function authenticate(
    { id, timestamp, candidates }: Examined,
    body: Uint8Array,
    context: Context,
    report: Report,
  ): Awaitable<Webhook<T>> {
    report.bytes = body.length
    const signedAt = Number(timestamp)
    const prefix = signedPrefix(id, timestamp)
    const content = { candidates, prefix, body, minBytes: minSecretBytes }
    return andThen(searchKey(content, signedAt, context, report), ({ keyId, scheme }) =>
      andThen(parsePayload(body), (payload) => {
        report.keyId = keyId
        return { id, timestamp: new Date(signedAt * 1000), body, payload, keyId, scheme }
      }),
    )
  }

  return { examine, authenticate }
}
