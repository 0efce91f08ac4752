import { createSigner, generateSecret } from '../../sign.js'
import { event, requestOf } from './maker.js'
import type { Maker, ProbeCase, ProbeRequest } from './probe-case.js'

const LIBRARY =
  'Leave the reading of headers and the comparison to a library that is strict about them, such as countersign.'

interface Parts {
  readonly body: string
  readonly signed: Readonly<Record<string, string>>
  readonly signature: string
}

/** A case that starts from an authentic delivery and spoils it. */
function refused(
  [name, means, fix, severity = 'fault']: readonly [string, string, string, ProbeCase['severity']?],
  spoil: (
    parts: Parts,
    maker: Maker,
  ) => ProbeRequest | Promise<ProbeRequest | undefined> | undefined,
): ProbeCase {
  return {
    name,
    expected: 'refused',
    severity,
    means,
    fix,
    async make(maker) {
      const body = event()
      const signed = await maker.signed(body)
      return spoil({ body, signed, signature: signed['webhook-signature'] }, maker)
    },
  }
}

/** The same with other header lines only. */
function headers(
  words: readonly [string, string, string, ProbeCase['severity']?],
  change: (parts: Parts, maker: Maker) => Readonly<Record<string, string | undefined>>,
): ProbeCase {
  return refused(words, (parts, maker) => requestOf(parts.signed, parts.body, change(parts, maker)))
}

function signedAt(seconds: number): (parts: Parts, maker: Maker) => Promise<ProbeRequest> {
  return async ({ body }, maker) =>
    requestOf(await maker.signed(body, { timestamp: maker.now + seconds }), body)
}

const TIME =
  'Refuse a webhook-timestamp that lies more than 300 seconds from now, in either direction.'
const NEEDED = 'Refuse a delivery that lacks one of the three headers, before anything else.'

/** What an endpoint must refuse: anybody on the network can send it. The file is long because it is a table with a row for each delivery. */
export const FORGED_CASES: readonly ProbeCase[] = [
  refused(
    ['no-headers', 'A delivery without any signature. Anybody can send this.', NEEDED],
    ({ body }) => requestOf({}, body),
  ),
  headers(
    [
      'no-signature',
      'Id and timestamp are there, the signature is not. A missing header must not count as "nothing to check".',
      NEEDED,
    ],
    () => ({ 'webhook-signature': undefined }),
  ),
  headers(
    [
      'no-id',
      'The signature covers the id, which is missing. Without it, a repeated delivery looks like a new one.',
      NEEDED,
    ],
    () => ({ 'webhook-id': undefined }),
  ),
  headers(
    [
      'no-timestamp',
      'The timestamp is missing. Without it, a recorded delivery stays valid for ever.',
      NEEDED,
    ],
    () => ({ 'webhook-timestamp': undefined }),
  ),
  headers(
    [
      'empty-signature',
      'The signature header is empty. An empty list holds no valid signature.',
      LIBRARY,
    ],
    () => ({ 'webhook-signature': '' }),
  ),
  headers(
    [
      'empty-candidate',
      'The signature is a version with nothing after it. A comparison of only as many bytes as were sent would accept it.',
      LIBRARY,
    ],
    () => ({ 'webhook-signature': 'v1,' }),
  ),
  refused(
    [
      'wrong-key',
      'A well-formed delivery, signed with a key that nobody has. A receiver that accepts it does not verify.',
      'Verify the signature before the handler runs, and stop if it is wrong.',
    ],
    async ({ body }) => requestOf(await createSigner({ secret: generateSecret() })(body), body),
  ),
  refused(
    [
      'empty-key',
      'Signed with an empty key. A receiver whose secret is not set may accept it from anybody.',
      'Refuse to start without a secret.',
    ],
    ({ body, signed }, { mac }) => {
      const prefix = `${signed['webhook-id']}.${signed['webhook-timestamp']}.`
      const signature = mac(prefix + body, new Uint8Array(0))
      return requestOf(signed, body, { 'webhook-signature': signature })
    },
  ),
  refused(
    [
      'tampered-body',
      'The body was changed after it was signed. A receiver that accepts it does not verify the body.',
      'Verify the signature over the whole body, before the handler runs.',
    ],
    ({ body, signed }) => requestOf(signed, body.replace('{', '{"tampered":true,')),
  ),
  refused(
    [
      'tampered-space',
      'A space was added to the body after it was signed. A receiver that accepts it verifies what it parsed and serialised again, not what arrived.',
      'Verify the bytes that arrived, before any parser.',
    ],
    ({ body, signed }) => requestOf(signed, body.replace(':', ': ')),
  ),
  headers(
    [
      'other-id',
      'The id was changed after it was signed. If it is accepted, a recorded delivery can be handled again under a new id.',
      'Include webhook-id in what is verified: id, timestamp and body, joined by dots.',
    ],
    ({ signed }) => ({ 'webhook-id': `${signed['webhook-id']}x` }),
  ),
  refused(
    [
      'renewed-timestamp',
      'An old delivery whose timestamp was set to now. If it is accepted, the timestamp protects against nothing.',
      'Include webhook-timestamp in what is verified: id, timestamp and body, joined by dots.',
    ],
    async ({ body }, maker) =>
      requestOf(await maker.signed(body, { timestamp: maker.now - 3600 }), body, {
        'webhook-timestamp': String(maker.now),
      }),
  ),
  refused(
    [
      'stale',
      'Correctly signed, ten minutes ago. A receiver that accepts it accepts recorded deliveries for ever.',
      TIME,
    ],
    signedAt(-600),
  ),
  refused(
    [
      'stale-for-a-day',
      'Correctly signed, a day ago. A receiver that accepts it accepts recorded deliveries for ever.',
      TIME,
    ],
    signedAt(-86_400),
  ),
  refused(
    [
      'future',
      'Correctly signed, by a clock that is ten minutes ahead. A timestamp in the future keeps a delivery valid for too long.',
      TIME,
    ],
    signedAt(600),
  ),
  headers(
    [
      'no-version',
      'The signature without its version. Guessing the version makes the next one unsafe to introduce.',
      LIBRARY,
      'lenient',
    ],
    ({ signature }) => ({ 'webhook-signature': signature.replace(/v1a?,/g, '') }),
  ),
  headers(
    [
      'other-version',
      'A valid signature under the name of an unknown version. An unknown version must not be read like a known one.',
      LIBRARY,
    ],
    ({ signature }) => ({ 'webhook-signature': signature.replace(/v1a?,/g, 'v9,') }),
  ),
  headers(
    [
      'crossed-version',
      'A valid signature under the name of the other algorithm. A key has one algorithm; tokens of other standards were forged by mixing them up.',
      LIBRARY,
    ],
    ({ signature }) => ({
      'webhook-signature': signature.replace(/(v1a?),/g, (_, version) =>
        version === 'v1' ? 'v1a,' : 'v1,',
      ),
    }),
  ),
  headers(
    [
      'hex-signature',
      'The valid signature in hexadecimal. The standard allows only base64.',
      LIBRARY,
      'lenient',
    ],
    ({ signature }) => ({
      'webhook-signature': signature.replace(
        /(v1a?,)(\S+)/g,
        (_, version, text) => version + Buffer.from(text, 'base64').toString('hex'),
      ),
    }),
  ),
  headers(
    [
      'cut-signature',
      'The first half of the valid signature. A comparison up to the shorter length would accept it.',
      LIBRARY,
    ],
    ({ signature }) => ({
      'webhook-signature': signature.replace(
        /(v1a?,)(\S+)/g,
        (_, version, text) => version + text.slice(0, text.length / 2),
      ),
    }),
  ),
  headers(
    [
      'unpadded-signature',
      'The valid signature without the "=" at its end. If one signature has two spellings, a list of known signatures does not find the second.',
      LIBRARY,
      'lenient',
    ],
    ({ signature }) => ({ 'webhook-signature': signature.replaceAll('=', '') }),
  ),
  headers(
    [
      'stray-bits',
      'The valid signature with unused bits set in its last character. Decoders that ignore these bits accept many spellings of one signature.',
      LIBRARY,
      'lenient',
    ],
    ({ signature }) => ({
      'webhook-signature': signature.replace(
        /(.)(=+)(?=\s|$)/g,
        (_, last, pad) => nextCharacter(last) + pad,
      ),
    }),
  ),
  headers(
    [
      'signature-and-more',
      'The valid signature with extra text after it. The extra text was not signed and must not be skipped.',
      LIBRARY,
      'lenient',
    ],
    ({ signature }) => ({ 'webhook-signature': signature.replace(/(\S+)/g, '$1,x') }),
  ),
  headers(
    [
      'many-candidates',
      'The valid signature after a hundred wrong ones. Every candidate costs the receiver work, so the list must have a limit.',
      'Limit the number of signatures; countersign reads 16.',
      'lenient',
    ],
    ({ signature }) => ({
      'webhook-signature': [...Array.from({ length: 100 }, wrongSignature), signature].join(' '),
    }),
  ),
  headers(
    [
      'timestamp-and-more',
      'Letters after the correct timestamp, which parseInt skips. If one time has two spellings, not everything in the headers is verified.',
      'Take decimal digits only, and verify the text of the header.',
      'lenient',
    ],
    ({ signed }) => ({ 'webhook-timestamp': `${signed['webhook-timestamp']}abc` }),
  ),
  headers(
    [
      'timestamp-fraction',
      'A fraction after the correct timestamp. The standard allows only whole seconds.',
      'Take decimal digits only, and verify the text of the header.',
      'lenient',
    ],
    ({ signed }) => ({ 'webhook-timestamp': `${signed['webhook-timestamp']}.5` }),
  ),
  headers(
    [
      'timestamp-plus',
      'A plus sign before the correct timestamp. If one time has two spellings, not everything in the headers is verified.',
      'Take decimal digits only, and verify the text of the header.',
      'lenient',
    ],
    ({ signed }) => ({ 'webhook-timestamp': `+${signed['webhook-timestamp']}` }),
  ),
  headers(
    [
      'timestamp-words',
      'The timestamp is not a number. In a comparison, NaN is neither too old nor too new.',
      'Take decimal digits only; a comparison with NaN is always false.',
    ],
    () => ({ 'webhook-timestamp': 'now' }),
  ),
  refused(
    [
      'timestamp-words-signed',
      'The timestamp is "NaN", and the signature covers it. Only somebody with the key can send it, but it would never become too old.',
      'Take decimal digits only; a comparison with NaN is always false.',
      'lenient',
    ],
    ({ body, signed }, { mac }) => {
      const signature = mac(`${signed['webhook-id']}.NaN.${body}`)
      return signature === undefined
        ? undefined
        : requestOf(signed, body, { 'webhook-timestamp': 'NaN', 'webhook-signature': signature })
    },
  ),
  refused(
    [
      'timestamp-milliseconds',
      'Correctly signed, over a timestamp in milliseconds. Read as seconds, it is far in the future.',
      TIME,
    ],
    ({ body, signed }, { mac, now }) => {
      const timestamp = `${now}000`
      const signature = mac(`${signed['webhook-id']}.${timestamp}.${body}`)
      return signature === undefined
        ? undefined
        : requestOf(signed, body, {
            'webhook-timestamp': timestamp,
            'webhook-signature': signature,
          })
    },
  ),
  refused(
    [
      'moved-cut',
      'The signed text is cut at another place: the timestamp moves into the id, and a part of the body becomes the timestamp. The signature is valid, but id, time and body are not those that were signed.',
      'Refuse an id that holds a timestamp between dots.',
      'lenient',
    ],
    async (_, maker) => {
      const rest = event()
      const signed = await maker.signed(`${maker.now}.${rest}`, { timestamp: maker.now - 3600 })
      return requestOf(signed, rest, {
        'webhook-id': `${signed['webhook-id']}.${signed['webhook-timestamp']}`,
        'webhook-timestamp': String(maker.now),
      })
    },
  ),
  refused(
    [
      'long-id',
      'Correctly signed, with an id of 4,000 characters. Ids are stored in databases and logs, so their length must have a limit.',
      'Refuse an id of more than 256 characters.',
      'lenient',
    ],
    async ({ body, signed }, { mac }) => {
      const id = `msg_${'x'.repeat(3996)}`
      const signature = mac(`${id}.${signed['webhook-timestamp']}.${body}`)
      return signature === undefined
        ? undefined
        : requestOf(signed, body, { 'webhook-id': id, 'webhook-signature': signature })
    },
  ),
  refused(
    [
      'two-ids',
      'Two lines with different ids; the first one was signed. Two programs that read different lines do not agree on what was handled.',
      'Refuse a delivery with two different values of one header.',
    ],
    ({ body, signed }) => {
      const { headers, body: bytes } = requestOf(signed, body)
      return { headers: [...headers, ['webhook-id', 'msg_other']], body: bytes }
    },
  ),
  refused(
    [
      'gzip',
      'A compressed body whose signature covers the uncompressed text. A receiver should verify what arrived, and a small body can inflate to a huge one.',
      'Refuse a Content-Encoding, or verify before inflating.',
      'lenient',
    ],
    async ({ body, signed }) => {
      const { gzipSync } = await import('node:zlib')
      return requestOf(signed, gzipSync(body), { 'content-encoding': 'gzip' })
    },
  ),
  {
    ...refused(
      [
        'oversized',
        'Correctly signed, with a body of 8 MiB. If a receiver reads bodies without a limit, anybody can make it run out of memory.',
        'Limit the body as its bytes arrive; countersign accepts 1 MiB by default.',
        'lenient',
      ],
      async (_, maker) => {
        const body = event({ text: 'x'.repeat(8 * 1024 * 1024) })
        return requestOf(await maker.signed(body), body)
      },
    ),
    mayClose: true,
  },
]

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function nextCharacter(character: string): string {
  return ALPHABET[ALPHABET.indexOf(character) + 1] ?? 'B'
}

function wrongSignature(_: unknown, i: number): string {
  return `v1,${Buffer.alloc(32, i + 1).toString('base64')}`
}
