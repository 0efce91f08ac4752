/** What is said of a cause; `detail` of the delivery is put behind it. */
interface Entry {
  readonly explanation: string
  readonly fix: string
}

const RAW_BYTES =
  'Verify the bytes that arrived, before any parser: mount verifyWebhook ahead of express.json() and its like, or hand on request.arrayBuffer() untouched.'

/** Every cause that is told apart. `docs/troubleshooting.md` has a heading for each. */
export const CATALOGUE = {
  body_reserialised: {
    explanation:
      'The body was parsed as JSON and serialised again: the values are the same, but the signature is over the text as it was sent.',
    fix: RAW_BYTES,
  },
  body_unicode_escaped: {
    explanation:
      'Characters outside ASCII are written differently (as \\uXXXX escapes or as themselves) than in the text that was signed: a JSON parser and serialiser were in between.',
    fix: RAW_BYTES,
  },
  body_whitespace: {
    explanation: 'White space or a newline at an end of the body was added or stripped.',
    fix: `${RAW_BYTES} Look for trim(), for an editor or a shell that ends files with a newline, and for curl -d, which strips newlines (use --data-binary).`,
  },
  body_line_endings: {
    explanation: 'Line endings were changed between CRLF and LF.',
    fix: `${RAW_BYTES} For a fixture in git, mark the file "-text" in .gitattributes.`,
  },
  body_bom: {
    explanation: 'A byte order mark was added to the body or stripped from it.',
    fix: `${RAW_BYTES} Text decoders strip the mark silently; save fixtures without one.`,
  },
  body_decoded_with_loss: {
    explanation:
      'The body holds bytes that are not UTF-8, and was decoded to text and encoded again: those bytes became U+FFFD.',
    fix: `${RAW_BYTES} Never go through a string (no toString(), no request.text()).`,
  },
  body_latin1: {
    explanation:
      'The body was read in one character set and written in another (Latin-1 or Windows-1252 on one side, UTF-8 on the other).',
    fix: `${RAW_BYTES} Look for 'latin1' or 'binary' in Buffer.from and toString, and for a charset in Content-Type that a proxy acts upon.`,
  },
  body_utf16: {
    explanation: 'The body was converted between UTF-16 and UTF-8.',
    fix: RAW_BYTES,
  },
  body_normalised: {
    explanation: 'The Unicode normalisation form (NFC, NFD) of the text was changed.',
    fix: RAW_BYTES,
  },
  body_compressed: {
    explanation:
      'The signature is over the body before compression (or after), and what is here is the other one.',
    fix: 'Take the body as it is signed: switch off compression between the sender and this handler, or inflate (or do not inflate) before verifying.',
  },
  body_base64: {
    explanation: 'The body is base64 text on one side and what it decodes to on the other.',
    fix: 'Decode it first where the platform says so (API Gateway: isBase64Encoded); countersign/lambda does.',
  },
  body_hex: {
    explanation: 'The body is hexadecimal text on one side and what it decodes to on the other.',
    fix: RAW_BYTES,
  },
  body_json_string: {
    explanation: 'The body is JSON text inside a JSON string: it was serialised once too often.',
    fix: `${RAW_BYTES} Look for JSON.stringify on a string that is JSON already.`,
  },
  body_wrapped: {
    explanation:
      'What was signed is only a part of what was captured: it sits inside an envelope, such as the event of a serverless platform or a queue.',
    fix: 'Hand in that part alone, as text: event.body, not JSON.stringify(event).',
  },
  body_parsed: {
    explanation:
      'The body is not bytes any more: a parser ran first, and what was handed on is an object (or "[object Object]").',
    fix: RAW_BYTES,
  },
  body_url_encoded: {
    explanation: 'The body is percent-encoded on one side and plain on the other (a form parser?).',
    fix: RAW_BYTES,
  },
  body_html_escaped: {
    explanation: 'The body was HTML-escaped or unescaped (&quot;, &amp;).',
    fix: RAW_BYTES,
  },
  body_chunked: {
    explanation: 'The chunk lengths of "Transfer-Encoding: chunked" are still in the body.',
    fix: 'Read the body through the HTTP library, not from the socket.',
  },
  body_empty: {
    explanation:
      'The body is empty (or was never signed): something read the stream before, or the sender signed nothing.',
    fix: RAW_BYTES,
  },
  body_length: {
    explanation:
      'The body is not as long as it was (as its Content-Length header says, or as its JSON shows): it was changed or cut short after it arrived.',
    fix: `${RAW_BYTES} Look for a limit that cuts, and for a capture that was copied by hand.`,
  },
  body_changed: {
    explanation:
      'No way of writing this body matches: its content may differ from what was signed (a changed value, a number or key order lost in a parser, or a forgery).',
    fix: RAW_BYTES,
  },
  secret_used_as_text: {
    explanation:
      'One side takes the characters of the secret themselves as the key; the other decodes them from base64.',
    fix: "Decode on both sides. Where the sender cannot: secret: { value, encoding: 'utf8' } (prefix included if it is part of the key).",
  },
  secret_prefix_kept: {
    explanation:
      'The sender decoded the secret from base64 with its prefix (wh_, whsec_) left on, which gives another key.',
    fix: 'Have the sender drop the prefix before decoding. Until then, give the key bytes as a Uint8Array.',
  },
  secret_hex: {
    explanation: 'The secret is hexadecimal on one side and base64 on the other.',
    fix: "Where the secret itself is hexadecimal, write secret: { value, encoding: 'hex' }; otherwise have the sender use the decoded bytes.",
  },
  secret_decoded_to_text: {
    explanation:
      'The secret was decoded from base64 and then went through a string (atob, toString()), which makes another key of it.',
    fix: "Keep the decoded secret as bytes: Buffer.from(base64, 'base64'), or Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)).",
  },
  secret_is_base64: {
    explanation: 'The secret is base64, but was given with another encoding.',
    fix: "Give it as a plain string, or with encoding: 'base64'.",
  },
  secret_base64url: {
    explanation:
      'The secret is base64url (with "-" or "_"), and the other side used a decoder that knows plain base64 only and skipped or misread those characters.',
    fix: 'Use a base64url decoder there, or issue a secret without those characters.',
  },
  secret_whitespace: {
    explanation: 'White space or a newline around the secret became part of the key on one side.',
    fix: 'Trim the secret where it is read. echo adds a newline (use printf or echo -n), and so do editors.',
  },
  secret_quoted: {
    explanation:
      'There are quotes, a variable name or escapes around the secret that are no part of it.',
    fix: 'Take them away where the secret is stored. docker --env-file and Kubernetes keep quotes that a shell would drop.',
  },
  secret_stray_characters: {
    explanation:
      'There are characters in the secret that are no base64; the other side skipped them.',
    fix: 'Copy the secret again, whole, and nothing else.',
  },
  secret_cut_at_underscore: {
    explanation:
      'One side cut the secret at an underscore (split("_")[1]), and base64url secrets hold underscores of their own.',
    fix: 'Remove the prefix by its length, not by splitting.',
  },
  secret_cut_short: {
    explanation: 'A character is missing at an end of the secret.',
    fix: 'Copy the secret again, whole.',
  },
  secret_double_encoded: {
    explanation:
      'The secret was encoded in base64 once more (or once less) than on the other side.',
    fix: 'Decode it once: a Kubernetes Secret holds base64 under data and plain text under stringData.',
  },
  secret_url_encoded: {
    explanation: 'The secret is percent-encoded, or its "+" became a space.',
    fix: 'Decode it where it is read; do not pass it through a URL or a form.',
  },
  secret_other: {
    explanation:
      'The delivery is signed with another of the secrets given, not with the first: perhaps the previous one, from before a rotation.',
    fix: 'Keep both while a rotation is going on (secret: [new, old], or rotatingSecret), and check that this endpoint has the secret of this sender.',
  },
  secret_previous: {
    explanation:
      'The delivery is signed with the previous secret: it was signed before the rotation, or the sender has not taken up the new one.',
    fix: 'Keep the old secret for a while: secret: [new, old], or rotatingSecret / accountSecret with its overlap.',
  },
  secret_empty: {
    explanation:
      'The delivery is signed with an empty key, or with the text "undefined" or "null": the sender has no secret configured.',
    fix: 'Set the secret at the sender. Never accept this: anybody can sign with an empty key.',
  },
  secret_too_short: {
    explanation:
      'The secret has fewer key bytes than the 24 that Standard Webhooks asks for. (The example in the documents of the account only shows the format.)',
    fix: 'Use generateSecret() in tests; minSecretBytes for a sender who really issues shorter ones.',
  },
  secret_unusable: {
    explanation: 'The secret cannot be used as it is.',
    fix: 'Copy it again, whole, as the account shows it (wh_… or whsec_…), and check that the variable is set.',
  },
  secret_is_private_key: {
    explanation: 'The secret is a whsk_ private key; a receiver needs the public key.',
    fix: 'Give the receiver the whpk_ key, and keep whsk_ with the sender.',
  },
  secret_wrong: {
    explanation:
      'The delivery is well-formed, and none of the secrets given matches, however read. Most likely it is signed with another secret: of another endpoint, environment or account, or one from before (or after) a rotation.',
    fix: 'Compare keyId in onVerdict on both sides, fetch the current secret again, and give every secret you know to diagnose.',
  },
  header_missing: {
    explanation: 'A header that a signed delivery needs is missing.',
    fix: 'Check that the request comes from the sender, and that proxies and gateways hand on webhook-id, webhook-timestamp and webhook-signature.',
  },
  header_names: {
    explanation:
      'The headers have other names than those of Standard Webhooks: those of another vendor, or names that a gateway rewrote.',
    fix: "Where the scheme is the same, name them: headers: [id, timestamp, signature]. Otherwise use that vendor's own library.",
  },
  header_malformed: {
    explanation: 'A header is there but is not of the form the standard asks for.',
    fix: 'Send webhook-id as 1 to 256 visible ASCII characters, and at most 16 signatures, separated by spaces.',
  },
  headers_joined: {
    explanation:
      'Several header lines were joined into one (Node and proxies join them with a comma), so an id, a timestamp or a list of signatures cannot be read as one.',
    fix: 'Send each header once; separate signatures by a space. Look for a proxy that adds the headers a second time.',
  },
  id_from_elsewhere: {
    explanation: 'The signature is over another id than the one in the webhook-id header.',
    fix: 'Sign and send the same id.',
  },
  timestamp_from_elsewhere: {
    explanation: 'The signature is over another time than the one in the webhook-timestamp header.',
    fix: 'Take the time once, and use it both for signing and in the header; do not set the header again on the way.',
  },
  timestamp_in_milliseconds: {
    explanation: 'The timestamp is in milliseconds on one side; the standard asks for seconds.',
    fix: 'Use Math.floor(Date.now() / 1000), for signing and in the header.',
  },
  timestamp_not_seconds: {
    explanation:
      'The timestamp is not written as whole seconds since the epoch in decimal digits only.',
    fix: 'Use String(Math.floor(Date.now() / 1000)), for signing and in the header.',
  },
  clock_skew: {
    explanation:
      'The timestamp is further from the present than the tolerance: a clock is wrong, or the delivery was kept or replayed.',
    fix: 'Synchronise the clocks (NTP). For a recorded delivery hand in the time it arrived as now. Do not widen the tolerance for it.',
  },
  signature_hex: {
    explanation: 'The signature is hexadecimal; the standard asks for base64.',
    fix: "Have the sender write digest('base64').",
  },
  signature_base64url: {
    explanation: 'The signature is base64url; the standard asks for plain base64 with padding.',
    fix: "Have the sender write digest('base64').",
  },
  signature_unpadded: {
    explanation: 'The padding ("=") of the signature is missing.',
    fix: 'Have the sender keep the padding; look for a cookie or query parser on the way.',
  },
  signature_without_version: {
    explanation: 'There is no "v1," in front of the signature.',
    fix: 'Have the sender write webhook-signature: v1,<base64>.',
  },
  signature_version: {
    explanation:
      'The signature has another version than the key: v1 is HMAC-SHA256 with a shared secret, v1a is ed25519 with a whpk_ key; anything else is unknown.',
    fix: 'Label the signature for what it is, and give the verifier the key of that scheme.',
  },
  signature_url_encoded: {
    explanation: 'The signature is percent-encoded, or its "+" became a space.',
    fix: 'Hand the header on as it is; it must not pass through a URL or a form.',
  },
  signature_extra_text: {
    explanation: 'There is other text around the signature: quotes, "sha256=", a second comma.',
    fix: 'Have the sender write webhook-signature: v1,<base64>, and nothing else.',
  },
  signature_truncated: {
    explanation: 'The signature is right as far as it goes, but is cut short.',
    fix: 'Look for a column, log or header limit that cuts it.',
  },
  signed_content: {
    explanation: 'The signature is over something else than id.timestamp.body.',
    fix: 'Have the sender sign webhook-id, ".", webhook-timestamp, ".", and the body; otherwise use the library of that scheme.',
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
