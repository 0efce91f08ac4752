import { assertHides, assertPrintable, holds } from '../engine/find.js'
import type { Line } from '../oracle/delivery.js'
import { bytesOf, HEADER_WORDS, NOW, rightLines, SECRETS, signedLines } from '../signed.js'
import { defineTarget, type Subject, type Subjects } from '../target.js'

type Input = {
  readonly lines: readonly Line[]
  readonly signed: string
  readonly arrived: string
  readonly secret: string
}

/** One body was signed and another arrived. */
async function run(
  { lines, signed, arrived, secret }: Input,
  { node, web }: Subjects,
): Promise<void> {
  const headers = signedLines(lines, bytesOf(signed))
  const found = await report(node, headers, arrived, secret)
  // It computes thousands of MACs, which WebCrypto does slowly.
  if ((signed.length + arrived.length) % 16 > 0) return
  const other = await report(web, headers, arrived, secret)
  holds(found === other, 'both backends find the same', () => `${found}\n---\n${other}`)
}

async function report(
  subject: Subject,
  headers: readonly Line[],
  arrived: string,
  secret: string,
): Promise<string> {
  const body = bytesOf(arrived)
  const settings = { secret, now: () => NOW * 1000 }
  const diagnosis = await subject.diagnose({ ...settings, body, headers })
  const text = `${diagnosis}`
  const known = await verdictOf(subject, settings, body, headers)
  holds(
    diagnosis.ok === (known === 'accepted'),
    'the diagnosis agrees with the verifier',
    () => `${known}\n${text}`,
  )
  holds(
    diagnosis.ok || diagnosis.findings.length > 0,
    'a refusal has a cause',
    () => `${known}\n${text}`,
  )
  assertPrintable(text)
  for (const { explanation, fix } of diagnosis.findings) assertPrintable(explanation + fix)
  assertHides(`${text} ${JSON.stringify(diagnosis)}`, [secret])
  return text
}

async function verdictOf(
  subject: Subject,
  settings: { secret: string; now: () => number },
  body: Buffer,
  headers: readonly Line[],
): Promise<string> {
  try {
    const verdict = await subject.createVerifier({ ...settings, warn: false }).check(body, headers)
    return verdict.ok ? 'accepted' : verdict.error.code
  } catch {
    return 'no verifier'
  }
}

const json = '{"type":"a","data":{"n":1.0,"s":"Zo\xc3\xab \\u00e9"}}'
const seed = (more: Partial<Input> = {}): Input => ({
  lines: rightLines(),
  signed: json,
  arrived: json,
  secret: SECRETS[0] ?? '',
  ...more,
})

export const diagnosis = defineTarget<Input>({
  name: 'diagnosis',
  seeds: [
    seed(),
    seed({ arrived: `${json}\n` }),
    seed({ arrived: JSON.stringify(JSON.parse(json), null, 2) }),
    seed({ arrived: Buffer.from(json).toString('base64') }),
    seed({ lines: rightLines([], 'svix'), arrived: '' }),
    seed({
      lines: rightLines([
        ['content-length', '7'],
        ['content-type', 'text/plain; charset=utf-16'],
      ]),
      arrived: 'a=1&b=%20',
    }),
    seed({
      lines: [
        ['x-hub-signature-256', `sha256=${'0'.repeat(64)}`],
        ['x-id', 'a'],
      ],
    }),
    ...['\u202e', '\xad', '\u2028', '\ud800', '\x9b'].map((odd) =>
      seed({
        lines: [
          ['webhook-id', `a${odd}`],
          [`x${odd}`, odd],
          ['webhook-signature', `v${odd},x`],
        ],
      }),
    ),
    seed({ secret: 'wh_asdf1234' }),
    seed({
      lines: [
        ['webhook-id', 'a\x1b[31m'],
        ['webhook-timestamp', `${NOW}000`],
        ['webhook-signature', '{v1} t=1,v1=x'],
      ],
    }),
  ],
  dictionary: [
    ...HEADER_WORDS,
    '\x1b[31m',
    '\u202e',
    'sha256=',
    't=1,v1=',
    '[object Object]',
    '\xef\xbb\xbf',
    '\r\n',
    '{"body":',
    'wh_',
    'whsk_',
    '"',
    '&amp;',
    '%7B',
  ],
  run,
})
