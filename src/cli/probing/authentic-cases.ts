import { createSigner, generateSecret } from '../../sign.js'
import { event, requestOf } from './maker.js'
import type { Maker, ProbeCase, ProbeRequest } from './probe-case.js'

const RAW_BYTES =
  'Verify the bytes that arrived, before any parser: mount the verifying middleware before express.json() and other parsers.'

/** A case of an authentic delivery with this body and these changes to its headers. */
function authentic(
  name: string,
  means: string,
  fix: string,
  make: ProbeCase['make'],
  severity: ProbeCase['severity'] = 'fault',
): ProbeCase {
  return { name, expected: 'accepted', severity, means, fix, make }
}

async function withBody(maker: Maker, body: string | Uint8Array): Promise<ProbeRequest> {
  return requestOf(await maker.signed(body), body)
}

function at(seconds: number): ProbeCase['make'] {
  return async (maker) => {
    const body = event()
    return requestOf(await maker.signed(body, { timestamp: maker.now + seconds }), body)
  }
}

/** What an endpoint must accept. The first one decides whether the others mean anything. */
export const AUTHENTIC_CASES: readonly ProbeCase[] = [
  authentic(
    'authentic',
    'A delivery as the account sends it. If it is refused, every delivery is lost.',
    'Compare the secrets on both sides (countersign secret --fingerprint), and the address.',
    (maker) => withBody(maker, event()),
  ),
  authentic(
    'authentic-unusual-json',
    'JSON with spaces, 1.0, an escaped slash and a repeated member, all of it signed. It is refused by receivers that parse the body and serialise it again before they verify.',
    RAW_BYTES,
    (maker) =>
      withBody(
        maker,
        '{ "type": "countersign.probe",  "data": {"n": 1.0, "u": "\\u00e9\\/", "b": 1, "b": 2} }',
      ),
  ),
  authentic(
    'authentic-newline',
    'The signed body ends in a line break. It is refused by receivers that trim the body.',
    `${RAW_BYTES} Look for trim().`,
    (maker) => withBody(maker, `${event()}\n`),
  ),
  authentic(
    'authentic-line-ends',
    'The signed JSON has CRLF between its members. It is refused by receivers that change line endings.',
    RAW_BYTES,
    (maker) => withBody(maker, '{"type":"countersign.probe",\r\n"data":{}}\r\n'),
  ),
  authentic(
    'authentic-unicode',
    'The signed text holds emoji, combining accents and a byte order mark within a string. It is refused by receivers that decode or normalise text before they verify.',
    RAW_BYTES,
    (maker) => withBody(maker, event({ text: 'e\u0301 é 🦊 \ufeff \u2028' })),
  ),
  authentic(
    'authentic-90-kib',
    'A body of 90 KiB. Senders put whole objects into events, and a receiver with a smaller limit loses them.',
    'Raise the limit of the body reader; countersign accepts 1 MiB by default.',
    (maker) => withBody(maker, event({ text: 'x'.repeat(90 * 1024) })),
  ),
  authentic(
    'authentic-chunked',
    'The body comes in chunks, without Content-Length. Proxies and some senders do that, and nothing about the bytes changes.',
    'Read the body to its end, and do not require Content-Length.',
    async (maker) => {
      const { headers, body } = await withBody(maker, event())
      return { headers: [...headers, ['transfer-encoding', 'chunked']], body }
    },
  ),
  authentic(
    'authentic-signature-list',
    'Two signatures, the second one with the current key, as a sender writes them while its key rotates. A receiver that reads only the first one loses deliveries at every rotation.',
    'Try every signature of the space-separated list.',
    async (maker) => {
      const body = event()
      const signed = await maker.signed(body)
      const other = await createSigner({ secret: generateSecret() })(body)
      const list = `${other['webhook-signature']} ${signed['webhook-signature']}`
      return requestOf(signed, body, { 'webhook-signature': list })
    },
  ),
  authentic(
    'authentic-unknown-version',
    'A signature of a future version comes before the known one. The standard asks receivers to skip versions that they do not know.',
    'Skip entries of the list whose version you do not know.',
    async (maker) => {
      const body = event()
      const signed = await maker.signed(body)
      return requestOf(signed, body, {
        'webhook-signature': `v9,AAAA ${signed['webhook-signature']}`,
      })
    },
  ),
  authentic(
    'authentic-header-case',
    'The header names are written in another case. HTTP ignores the case, and proxies change it.',
    'Ignore the case of header names.',
    async (maker) => {
      const { headers, body } = await withBody(maker, event())
      return {
        body,
        headers: headers.map(
          ([name, value]) => [name.replace(/\b\w/g, (c) => c.toUpperCase()), value] as const,
        ),
      }
    },
  ),
  authentic(
    'authentic-charset',
    'Content-Type names a charset. The bytes are the same, so the answer must be the same.',
    'Let the body reader accept application/json with any parameters (express.raw({ type: "application/json" }) does).',
    async (maker) => {
      const body = event()
      return requestOf(await maker.signed(body), body, {
        'content-type': 'application/json; charset=utf-8',
      })
    },
  ),
  authentic(
    'authentic-4-minutes-old',
    'Signed four minutes ago. The standard suggests a tolerance of five minutes, because senders queue and clocks drift.',
    'Set the tolerance to 300 seconds.',
    at(-240),
  ),
  authentic(
    'authentic-1-minute-ahead',
    "The sender's clock is one minute ahead. A receiver that does not tolerate this refuses deliveries of an honest sender.",
    'Apply the tolerance to timestamps in the future, too.',
    at(60),
  ),
  {
    name: 'duplicated',
    expected: 'repeated',
    severity: 'fault',
    means:
      'The same delivery again, with a new timestamp and signature, as a sender retries without an answer. It should be acknowledged and handled once; otherwise the sender retries for days.',
    fix: 'Answer 2xx to an id that was handled already, and use webhook-id as the idempotency key.',
    async make(maker) {
      const body = event()
      const first = await maker.signed(body, { timestamp: maker.now - 60 })
      const second = await maker.signed(body, { id: first['webhook-id'] })
      return [requestOf(first, body), requestOf(second, body)]
    },
  },
  {
    name: 'authentic-empty',
    expected: 'handled',
    severity: 'fault',
    means:
      'Correctly signed, with an empty body. You may accept or refuse it, but it must not crash the handler.',
    fix: 'Answer 400 to a payload that your handler cannot use.',
    make: (maker) => withBody(maker, ''),
  },
  {
    name: 'authentic-no-json',
    expected: 'handled',
    severity: 'fault',
    means:
      'Correctly signed, but the body is not JSON. After a 5xx, the sender repeats for days what can never be parsed.',
    fix: 'Parse after verifying, and answer 400 to a body that is not JSON.',
    make: (maker) => withBody(maker, '{"type":'),
  },
  {
    name: 'authentic-no-utf-8',
    expected: 'handled',
    severity: 'fault',
    means:
      'Correctly signed, over bytes that are not UTF-8. A receiver that decodes before it verifies sees other bytes than those that were signed.',
    fix: `${RAW_BYTES} Answer 400 to text that cannot be decoded.`,
    make: (maker) => withBody(maker, Uint8Array.of(0x22, 0xff, 0xfe, 0x22)),
  },
]
