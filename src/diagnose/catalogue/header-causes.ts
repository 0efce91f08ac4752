export const HEADER_CAUSES = {
  header_missing: [
    'A header that a signed delivery needs is missing or empty.',
    'Check that the request comes from the sender, and that proxies and gateways forward webhook-id, webhook-timestamp and webhook-signature.',
  ],
  header_names: [
    'The headers have other names than those of Standard Webhooks: those of another vendor, or names that a gateway rewrote.',
    "If the scheme is the same, name them: headers: [id, timestamp, signature]. Otherwise use that vendor's own library.",
  ],
  header_malformed: [
    'A header is there but does not have the form that the standard asks for.',
    'Send webhook-id as 1 to 256 visible ASCII characters, and at most 16 signatures, separated by spaces.',
  ],
  headers_joined: [
    'Several header lines were joined into one (Node and proxies join them with a comma), so an id, a timestamp or a list of signatures cannot be read.',
    'Send each header once, and separate signatures by a space. Look for a proxy that adds the headers a second time.',
  ],
  id_from_elsewhere: [
    'The signature is over another id than the one in the webhook-id header.',
    'Sign and send the same id.',
  ],
  timestamp_from_elsewhere: [
    'The signature is over another time than the one in the webhook-timestamp header.',
    'Take the time once, and use it for signing and in the header; do not set the header again on the way.',
  ],
  timestamp_not_seconds: [
    'The timestamp is not written as whole seconds since the epoch (it is in milliseconds, say, or a date) in the header or in what was signed.',
    'Use String(Math.floor(Date.now() / 1000)), for signing and in the header.',
  ],
  clock_skew: [
    'The timestamp is further from the present than the tolerance: a clock is wrong, or the delivery was kept or replayed.',
    'Synchronise the clocks (NTP). For a recorded delivery, give the time it arrived as now. Do not widen the tolerance for it.',
  ],
  signature_encoding: [
    'The signature is not written in plain base64 with padding.',
    "Have the sender write digest('base64') and keep the padding. Look for a cookie or query parser on the way.",
  ],
  signature_format: [
    'The signature header is not written as v1,<base64>: the version is missing, or there is other text around the signature (quotes, "sha256=", a second comma).',
    'Have the sender write webhook-signature: v1,<base64>, and nothing else.',
  ],
  signature_version: [
    'The signature has another version than the key: v1 is HMAC-SHA256 with a shared secret, v1a is ed25519 with a whpk_ key; anything else is unknown.',
    'Label the signature as what it is, and give the verifier the key of that scheme.',
  ],
  signature_url_encoded: [
    'The signature is percent-encoded, or its "+" became a space.',
    'Pass the header on as it is; it must not go through a URL or a form.',
  ],
  signature_truncated: [
    'The signature is right as far as it goes, but it is cut short.',
    'Look for a column, a log or a header limit that cuts it.',
  ],
  signed_content: [
    'The signature is over something else than id.timestamp.body.',
    'Have the sender sign webhook-id, ".", webhook-timestamp, "." and the body; otherwise use the library of that scheme.',
  ],
  algorithm: [
    'The signature is made with another hash than SHA-256.',
    'Have the sender use HMAC-SHA256.',
  ],
} satisfies Record<string, readonly [explanation: string, fix: string]>
