export const SECRET_CAUSES = {
  secret_used_as_text: [
    'One side uses the characters of the secret themselves as the key; the other decodes them from base64.',
    "Decode on both sides. If the sender cannot: secret: { value, encoding: 'utf8' }, with the prefix if it is part of the key.",
  ],
  secret_prefix: [
    'The sender did not remove the prefix (wh_, whsec_) alone: it was decoded from base64 with the rest, or the secret was cut at an underscore (split("_")[1]), which base64url secrets hold themselves.',
    'Remove the prefix by its length, then decode the rest. Until the sender does, give the key bytes as a Uint8Array.',
  ],
  secret_encoding: [
    'The secret is hexadecimal on one side and base64 on the other.',
    "Give a base64 secret as a plain string and a hexadecimal one as secret: { value, encoding: 'hex' }. Otherwise have the sender use the decoded bytes.",
  ],
  secret_decoded_to_text: [
    'The secret was decoded from base64 and then went through a string (atob, toString()), which makes another key of it.',
    "Keep the decoded secret as bytes: Buffer.from(base64, 'base64'), or Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)).",
  ],
  secret_base64url: [
    'The secret is base64url (with "-" or "_"), and the other side used a decoder for plain base64 that skipped or misread those characters.',
    'Use a base64url decoder there, or issue a secret without those characters.',
  ],
  secret_wrapped: [
    'White space, a newline, quotes, a variable name or escapes around the secret became part of it on one side.',
    'Remove them where the secret is stored, and trim it where it is read. echo and editors add a newline (use printf); docker --env-file and Kubernetes keep quotes that a shell would drop.',
  ],
  secret_damaged: [
    'The secret is not whole: a character is missing at an end, or there are characters in it that are not base64.',
    'Copy the secret again, all of it and nothing else.',
  ],
  secret_double_encoded: [
    'The secret is encoded once more on one side than on the other, in base64 or in percent-encoding.',
    'Decode it once, where it is read: a Kubernetes Secret holds base64 under data and plain text under stringData. Do not pass it through a URL or a form.',
  ],
  secret_previous: [
    'The delivery is signed with the previous secret: it was signed before the rotation, or the sender does not use the new one yet.',
    'Keep the old secret for a while: secret: [new, old], or rotatingSecret and accountSecret with their overlap.',
  ],
  secret_empty: [
    'The delivery is signed with an empty key, or with the text "undefined" or "null": the sender has no secret configured.',
    'Set the secret at the sender. Never accept this: anybody can sign with an empty key.',
  ],
  secret_too_short: [
    'The secret has fewer key bytes than are required (24, unless minSecretBytes says otherwise). The example in the documentation of the account only shows the format.',
    'Use generateSecret() in tests, or set minSecretBytes if your sender really issues shorter secrets.',
  ],
  secret_unusable: [
    'There is no secret that can be used.',
    'Copy it again, whole, as the account shows it (wh_… or whsec_…), and check that the variable is set.',
  ],
  secret_is_private_key: [
    'The secret is a whsk_ private key; a receiver needs the public key.',
    'Give the receiver the whpk_ key, and keep whsk_ with the sender.',
  ],
  secret_wrong: [
    'The delivery is well-formed, and none of the secrets given matches, however it is read. Most likely the delivery is signed with another secret: that of another endpoint, environment or account, or one from before (or after) a rotation.',
    'Compare fingerprints: keyIdOf(secret) at the sender and expectedKeyIds in onVerdict. Fetch the current secret again, and give every secret you know to diagnose.',
  ],
} satisfies Record<string, readonly [explanation: string, fix: string]>
