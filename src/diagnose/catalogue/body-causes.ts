const RAW_BYTES =
  'Verify the bytes that arrived, before any parser: mount verifyWebhook ahead of express.json() and the like, or pass request.arrayBuffer() on untouched.'

export const BODY_CAUSES = {
  body_reserialised: [
    'The body was parsed as JSON and serialised again: the values are the same, but the signature is over the text as it was sent.',
    RAW_BYTES,
  ],
  body_whitespace: [
    'White space, a line ending or a byte order mark was added to the body, changed in it or stripped from it.',
    `${RAW_BYTES} Look for trim(), for an editor or a shell that ends files with a newline, for curl -d, which strips newlines (use --data-binary), for git, which converts line endings (mark fixtures -text in .gitattributes), and for text decoders, which strip the byte order mark.`,
  ],
  body_charset: [
    'The body was read in one character set and written in another (Latin-1, Windows-1252, UTF-16, another normalisation form), or bytes that are not UTF-8 became U+FFFD.',
    `${RAW_BYTES} Never go through a string: no toString(), no request.text(), no 'latin1' or 'binary', and no proxy that acts on the charset in Content-Type.`,
  ],
  body_encoded: [
    'The body is encoded on one side (base64, hexadecimal, percent-encoding, HTML, chunks) and plain on the other.',
    `${RAW_BYTES} Decode it first if the platform says so (API Gateway sets isBase64Encoded, which countersign/lambda handles). Read it through the HTTP library, not from the socket.`,
  ],
  body_compressed: [
    'The signature is over the body before compression (or after it), and this body is the other one.',
    'Verify the body as it was signed: switch off compression between the sender and this handler, or inflate the body (or do not) before you verify it.',
  ],
  body_wrapped: [
    'Only a part of what was captured was signed: it is inside an envelope, such as the event of a serverless platform or a queue.',
    'Pass on that part alone, as text: event.body, not JSON.stringify(event).',
  ],
  body_parsed: [
    'The body is no longer bytes: a parser ran first, and an object (or "[object Object]") was passed on.',
    `${RAW_BYTES} If the parser cannot be moved, keep the bytes with express.json({ verify: keepRawBody }).`,
  ],
  body_empty: [
    'The body is empty, or the sender signed none: something read the stream before, or the sender signed nothing.',
    RAW_BYTES,
  ],
  body_length: [
    'The body does not have the length it had (by its Content-Length header, or by its JSON): it was changed or cut short after it arrived.',
    `${RAW_BYTES} Look for a limit that cuts, and for a capture that was copied by hand.`,
  ],
  body_changed: [
    'The signature matches this body in no spelling: its content may differ from what was signed (a changed value, a number or an order of keys that a parser lost, or a forgery).',
    RAW_BYTES,
  ],
  payload_invalid: [
    'The delivery is authentic, but its body is not JSON in UTF-8.',
    "Use parse: 'none' and read webhook.body yourself.",
  ],
} satisfies Record<string, readonly [explanation: string, fix: string]>
