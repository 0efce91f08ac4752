/** What is said of a cause; the `detail` of a delivery is put behind the explanation. */
interface Entry {
  readonly explanation: string
  readonly fix: string
}

const RAW_BYTES =
  'Verify the bytes that arrived, before any parser: mount verifyWebhook ahead of express.json() and the like, or pass request.arrayBuffer() on untouched.'

/** Every cause that is told apart, one for each fix. `docs/troubleshooting.md` says the same, word by word. */
export const CATALOGUE = {
  body_reserialised: {
    explanation:
      'The body was parsed as JSON and serialised again: the values are the same, but the signature is over the text as it was sent.',
    fix: RAW_BYTES,
  },
  body_whitespace: {
    explanation:
      'White space, a line ending or a byte order mark was added to the body, changed in it or stripped from it.',
    fix: `${RAW_BYTES} Look for trim(), for an editor or a shell that ends files with a newline, for curl -d, which strips newlines (use --data-binary), for git, which converts line endings (mark fixtures -text in .gitattributes), and for text decoders, which strip the byte order mark.`,
  },
  body_charset: {
    explanation:
      'The body was read in one character set and written in another (Latin-1, Windows-1252, UTF-16, another normalisation form), or bytes that are not UTF-8 became U+FFFD.',
    fix: `${RAW_BYTES} Never go through a string: no toString(), no request.text(), no 'latin1' or 'binary', and no proxy that acts on the charset in Content-Type.`,
  },
  body_encoded: {
    explanation:
      'The body is encoded on one side (base64, hexadecimal, percent-encoding, HTML, chunks) and plain on the other.',
    fix: `${RAW_BYTES} Decode it first if the platform says so (API Gateway sets isBase64Encoded, which countersign/lambda handles). Read it through the HTTP library, not from the socket.`,
  },
  body_compressed: {
    explanation:
      'The signature is over the body before compression (or after it), and this body is the other one.',
    fix: 'Verify the body as it was signed: switch off compression between the sender and this handler, or inflate the body (or do not) before you verify it.',
  },
  body_wrapped: {
    explanation:
      'Only a part of what was captured was signed: it is inside an envelope, such as the event of a serverless platform or a queue.',
    fix: 'Pass on that part alone, as text: event.body, not JSON.stringify(event).',
  },
  body_parsed: {
    explanation:
      'The body is no longer bytes: a parser ran first, and an object (or "[object Object]") was passed on.',
    fix: `${RAW_BYTES} If the parser cannot be moved, keep the bytes with express.json({ verify: keepRawBody }).`,
  },
  body_empty: {
    explanation:
      'The body is empty, or the sender signed none: something read the stream before, or the sender signed nothing.',
    fix: RAW_BYTES,
  },
  body_length: {
    explanation:
      'The body does not have the length it had (by its Content-Length header, or by its JSON): it was changed or cut short after it arrived.',
    fix: `${RAW_BYTES} Look for a limit that cuts, and for a capture that was copied by hand.`,
  },
  body_changed: {
    explanation:
      'The signature matches this body in no spelling: its content may differ from what was signed (a changed value, a number or an order of keys that a parser lost, or a forgery).',
    fix: RAW_BYTES,
  },
  secret_used_as_text: {
    explanation:
      'One side uses the characters of the secret themselves as the key; the other decodes them from base64.',
    fix: "Decode on both sides. If the sender cannot: secret: { value, encoding: 'utf8' }, with the prefix if it is part of the key.",
  },
  secret_prefix: {
    explanation:
      'The sender did not remove the prefix (wh_, whsec_) alone: it was decoded from base64 with the rest, or the secret was cut at an underscore (split("_")[1]), which base64url secrets hold themselves.',
    fix: 'Remove the prefix by its length, then decode the rest. Until the sender does, give the key bytes as a Uint8Array.',
  },
  secret_encoding: {
    explanation: 'The secret is hexadecimal on one side and base64 on the other.',
    fix: "Give a base64 secret as a plain string and a hexadecimal one as secret: { value, encoding: 'hex' }. Otherwise have the sender use the decoded bytes.",
  },
  secret_decoded_to_text: {
    explanation:
      'The secret was decoded from base64 and then went through a string (atob, toString()), which makes another key of it.',
    fix: "Keep the decoded secret as bytes: Buffer.from(base64, 'base64'), or Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)).",
  },
  secret_base64url: {
    explanation:
      'The secret is base64url (with "-" or "_"), and the other side used a decoder for plain base64 that skipped or misread those characters.',
    fix: 'Use a base64url decoder there, or issue a secret without those characters.',
  },
  secret_wrapped: {
    explanation:
      'White space, a newline, quotes, a variable name or escapes around the secret became part of it on one side.',
    fix: 'Remove them where the secret is stored, and trim it where it is read. echo and editors add a newline (use printf); docker --env-file and Kubernetes keep quotes that a shell would drop.',
  },
  secret_damaged: {
    explanation:
      'The secret is not whole: a character is missing at an end, or there are characters in it that are not base64.',
    fix: 'Copy the secret again, all of it and nothing else.',
  },
  secret_double_encoded: {
    explanation:
      'The secret is encoded once more on one side than on the other, in base64 or in percent-encoding.',
    fix: 'Decode it once, where it is read: a Kubernetes Secret holds base64 under data and plain text under stringData. Do not pass it through a URL or a form.',
  },
  secret_previous: {
    explanation:
      'The delivery is signed with the previous secret: it was signed before the rotation, or the sender does not use the new one yet.',
    fix: 'Keep the old secret for a while: secret: [new, old], or rotatingSecret and accountSecret with their overlap.',
  },
  secret_empty: {
    explanation:
      'The delivery is signed with an empty key, or with the text "undefined" or "null": the sender has no secret configured.',
    fix: 'Set the secret at the sender. Never accept this: anybody can sign with an empty key.',
  },
  secret_too_short: {
    explanation:
      'The secret has fewer key bytes than are required (24, unless minSecretBytes says otherwise). The example in the documentation of the account only shows the format.',
    fix: 'Use generateSecret() in tests, or set minSecretBytes if your sender really issues shorter secrets.',
  },
  secret_unusable: {
    explanation: 'There is no secret that can be used.',
    fix: 'Copy it again, whole, as the account shows it (wh_… or whsec_…), and check that the variable is set.',
  },
  secret_is_private_key: {
    explanation: 'The secret is a whsk_ private key; a receiver needs the public key.',
    fix: 'Give the receiver the whpk_ key, and keep whsk_ with the sender.',
  },
  secret_wrong: {
    explanation:
      'The delivery is well-formed, and none of the secrets given matches, however it is read. Most likely the delivery is signed with another secret: that of another endpoint, environment or account, or one from before (or after) a rotation.',
    fix: 'Compare fingerprints: keyIdOf(secret) at the sender and expectedKeyIds in onVerdict. Fetch the current secret again, and give every secret you know to diagnose.',
  },
  header_missing: {
    explanation: 'A header that a signed delivery needs is missing or empty.',
    fix: 'Check that the request comes from the sender, and that proxies and gateways forward webhook-id, webhook-timestamp and webhook-signature.',
  },
  header_names: {
    explanation:
      'The headers have other names than those of Standard Webhooks: those of another vendor, or names that a gateway rewrote.',
    fix: "If the scheme is the same, name them: headers: [id, timestamp, signature]. Otherwise use that vendor's own library.",
  },
  header_malformed: {
    explanation: 'A header is there but does not have the form that the standard asks for.',
    fix: 'Send webhook-id as 1 to 256 visible ASCII characters, and at most 16 signatures, separated by spaces.',
  },
  headers_joined: {
    explanation:
      'Several header lines were joined into one (Node and proxies join them with a comma), so an id, a timestamp or a list of signatures cannot be read.',
    fix: 'Send each header once, and separate signatures by a space. Look for a proxy that adds the headers a second time.',
  },
  id_from_elsewhere: {
    explanation: 'The signature is over another id than the one in the webhook-id header.',
    fix: 'Sign and send the same id.',
  },
  timestamp_from_elsewhere: {
    explanation: 'The signature is over another time than the one in the webhook-timestamp header.',
    fix: 'Take the time once, and use it for signing and in the header; do not set the header again on the way.',
  },
  timestamp_not_seconds: {
    explanation:
      'The timestamp is not written as whole seconds since the epoch (it is in milliseconds, say, or a date) in the header or in what was signed.',
    fix: 'Use String(Math.floor(Date.now() / 1000)), for signing and in the header.',
  },
  clock_skew: {
    explanation:
      'The timestamp is further from the present than the tolerance: a clock is wrong, or the delivery was kept or replayed.',
    fix: 'Synchronise the clocks (NTP). For a recorded delivery, give the time it arrived as now. Do not widen the tolerance for it.',
  },
  signature_encoding: {
    explanation: 'The signature is not written in plain base64 with padding.',
    fix: "Have the sender write digest('base64') and keep the padding. Look for a cookie or query parser on the way.",
  },
  signature_format: {
    explanation:
      'The signature header is not written as v1,<base64>: the version is missing, or there is other text around the signature (quotes, "sha256=", a second comma).',
    fix: 'Have the sender write webhook-signature: v1,<base64>, and nothing else.',
  },
  signature_version: {
    explanation:
      'The signature has another version than the key: v1 is HMAC-SHA256 with a shared secret, v1a is ed25519 with a whpk_ key; anything else is unknown.',
    fix: 'Label the signature as what it is, and give the verifier the key of that scheme.',
  },
  signature_url_encoded: {
    explanation: 'The signature is percent-encoded, or its "+" became a space.',
    fix: 'Pass the header on as it is; it must not go through a URL or a form.',
  },
  signature_truncated: {
    explanation: 'The signature is right as far as it goes, but it is cut short.',
    fix: 'Look for a column, a log or a header limit that cuts it.',
  },
  signed_content: {
    explanation: 'The signature is over something else than id.timestamp.body.',
    fix: 'Have the sender sign webhook-id, ".", webhook-timestamp, "." and the body; otherwise use the library of that scheme.',
  },
  algorithm: {
    explanation: 'The signature is made with another hash than SHA-256.',
    fix: 'Have the sender use HMAC-SHA256.',
  },
  payload_invalid: {
    explanation: 'The delivery is authentic, but its body is not JSON in UTF-8.',
    fix: "Use parse: 'none' and read webhook.body yourself.",
  },
} satisfies Record<string, Entry>

/** The causes that `diagnose` tells apart. */
export type Cause = keyof typeof CATALOGUE
