import { assertHides, holds, textsOf } from '../engine/find.js'
import { type Line, verdictOn } from '../oracle/delivery.js'
import { bytesOf, HEADER_WORDS, KEYS, NOW, rightLines, SECRETS, signedLines } from '../signed.js'
import { defineTarget, type Subject, type Subjects } from '../target.js'

type Input = {
  readonly shape: number
  readonly lines: readonly Line[]
  readonly body: string
  readonly tolerance: number
}

/** The same lines in every container that a framework may hand over, with the lines that are really in it. `undefined` if the container refuses them. */
const SHAPES: readonly ((
  lines: readonly Line[],
) => readonly [unknown, readonly Line[]] | undefined)[] = [
  (lines) => [lines, lines],
  (lines) => [lines.flat(), lines],
  (lines) => [new Map(lines), [...new Map(lines)]],
  (lines) => [Object.fromEntries(lines), Object.entries(Object.fromEntries(lines))],
  (lines) => {
    const grouped = Object.assign(Object.create(null), {})
    for (const [name, value] of lines) grouped[name] = [...(grouped[name] ?? []), value]
    return [
      grouped,
      Object.keys(grouped).flatMap((name) =>
        grouped[name].map((value: string): Line => [name, value]),
      ),
    ]
  },
  (lines) => {
    try {
      const headers = new Headers(lines as [string, string][])
      return [headers, [...headers]]
    } catch {
      return undefined
    }
  },
]

async function run({ shape, lines, body, ...rest }: Input, subjects: Subjects): Promise<void> {
  const tolerance = Math.abs(rest.tolerance)
  const bytes = bytesOf(body)
  const shaped = SHAPES[Math.abs(shape) % SHAPES.length]?.(signedLines(lines, bytes))
  if (!shaped) return
  const [headers, arrived] = shaped
  for (const parse of ['none', 'json'] as const) {
    const expected = verdictOn({
      lines: arrived,
      body: bytes,
      keys: KEYS,
      now: NOW,
      tolerance,
      parse: parse === 'json',
    })
    const seen = await Promise.all([
      verdictOf(subjects.node, { headers, bytes, tolerance, parse }),
      verdictOf(subjects.web, { headers, bytes, tolerance, parse }),
    ])
    for (const [i, verdict] of seen.entries()) {
      holds(verdict === expected, 'the verdict is that of the specification', () =>
        JSON.stringify({ backend: ['node', 'web'][i], verdict, expected, arrived }),
      )
    }
    if (expected === 'accepted') await assertUncut(arrived, bytes, tolerance, subjects.node)
  }
}

interface Sent {
  readonly headers: unknown
  readonly bytes: Buffer
  readonly tolerance: number
  readonly parse: 'none' | 'json'
}

/** Made once for all inputs, because a public key is checked with arithmetic that takes its time. */
const verifiers = new Map<string, ReturnType<Subject['createVerifier']>>()

function verifierOf(subject: Subject, tolerance: number, parse: 'none' | 'json') {
  const name = `${subject.backend} ${tolerance} ${parse}`
  const known = verifiers.get(name)
  if (known) return known
  const settings = { secret: SECRETS, now: () => NOW * 1000, tolerance, parse, warn: false }
  const verify = subject.createVerifier(settings)
  if (verifiers.size > 100) verifiers.clear()
  verifiers.set(name, verify)
  return verify
}

async function verdictOf(
  subject: Subject,
  { headers, bytes, tolerance, parse }: Sent,
): Promise<string> {
  const verify = verifierOf(subject, tolerance, parse)
  const verdict = await verify.check(bytes, headers as Record<string, string>)
  if (!verdict.ok) {
    // Words of messages are in the dictionary, and none of them has a quotation mark.
    const start = bytes.toString('latin1').slice(0, 24)
    assertHides(textsOf(verdict.error), start.includes('"') ? [...SECRETS, start] : SECRETS)
    return verdict.error.code
  }
  const { webhook } = verdict
  holds(Buffer.compare(webhook.body, bytes) === 0, 'what is handed out is what arrived', () =>
    String(webhook.body),
  )
  return 'accepted'
}

/** One signature never authenticates two deliveries: the signed content cannot be cut at another dot. */
async function assertUncut(
  lines: readonly Line[],
  body: Buffer,
  tolerance: number,
  subject: Subject,
): Promise<void> {
  const value = (part: string): string =>
    lines.find(([name]) => name.toLowerCase() === `webhook-${part}`)?.[1] ??
    lines.find(([name]) => name.toLowerCase() === `svix-${part}`)?.[1] ??
    ''
  const [id, timestamp] = [
    value('id').split(', ')[0] ?? '',
    value('timestamp').split(', ')[0] ?? '',
  ]
  const parts = `${id}.${timestamp}.${body.toString('latin1')}`.split('.')
  const verify = verifierOf(subject, tolerance, 'none')
  for (let i = 1; i < Math.min(parts.length - 1, 12); i++) {
    const [otherId, otherTimestamp] = [parts.slice(0, i).join('.'), parts[i] ?? '']
    if (otherId === id) continue
    const other = {
      'webhook-id': otherId,
      'webhook-timestamp': otherTimestamp,
      'webhook-signature': value('signature'),
    }
    const { ok } = await verify.check(bytesOf(parts.slice(i + 1).join('.')), other)
    holds(!ok, 'a signature is for one delivery', () => JSON.stringify({ id, timestamp, other }))
  }
}

const body = '{"type":"a","n":1}'
const seed = (lines: readonly Line[], more: Partial<Input> = {}): Input => ({
  shape: 0,
  lines,
  body,
  tolerance: 300,
  ...more,
})

const named = (id: string, timestamp = String(NOW)): Input =>
  seed([
    ['webhook-id', id],
    ['webhook-timestamp', timestamp],
    ['webhook-signature', '{v1}'],
  ])

export const headers = defineTarget<Input>({
  name: 'headers',
  seeds: [
    ...SHAPES.map((_, shape) => seed(rightLines(), { shape })),
    seed(rightLines([], 'svix')),
    ...[
      '',
      'x'.repeat(256),
      'x'.repeat(257),
      `a.${NOW}`,
      `a.${NOW}.b`,
      'a.1.b',
      'a.999999999999.b',
      'a,',
      'a b',
      'é',
    ].map((id) => named(id)),
    ...[
      '',
      '0',
      `0${NOW}`,
      `+${NOW}`,
      `${NOW}.0`,
      `${NOW}000`,
      ` ${NOW}`,
      NOW + 301,
      NOW - 301,
      NOW + 300,
      NOW - 300,
    ].map((time) => named('a', String(time))),
    seed(rightLines([['webhook-id', 'msg_1']])),
    seed(rightLines().map(([name, value]) => [name.toUpperCase(), value])),
    seed([
      ['webhook-id', `a.${NOW}.b`],
      ['webhook-timestamp', String(NOW)],
      ['webhook-signature', '{v1}'],
    ]),
    seed(
      [
        ['webhook-id', 'a.1'],
        ['webhook-timestamp', String(NOW - 300)],
        ['webhook-signature', '{v1a}'],
      ],
      { body: `b.${NOW}.c` },
    ),
  ],
  dictionary: HEADER_WORDS,
  run,
})

const signed = (signature: string, more: Partial<Input> = {}): Input =>
  seed(
    [
      ['webhook-id', 'msg_1'],
      ['webhook-timestamp', String(NOW)],
      ['webhook-signature', signature],
    ],
    more,
  )

export const signatures = defineTarget<Input>({
  name: 'signatures',
  seeds: [
    signed('{v1}'),
    signed('{v1:2} {v1}'),
    ...[
      '',
      ' ',
      '{v1},x',
      'V1,{v1}',
      '{v1}\t',
      '{v1},',
      ' {v1} ',
      ',{v1}',
      '{cut} {v1}',
      'v1a,{v1}',
    ].map((one) => signed(one)),
    signed(`${'v2,x '.repeat(15)}{v1}`),
    signed(`${'v2,x '.repeat(16)}{v1}`),
    signed(`${'x'.repeat(4047)} {v1}`),
    signed(`${'x'.repeat(4048)} {v1}`),
    ...[3, 4].map((before) =>
      signed(
        `${Array.from({ length: before }, (_, i) => `v1a,${Buffer.alloc(64, i + 1).toString('base64')}`).join(' ')} {v1a}`,
      ),
    ),
    signed('v1,AAAA v2,x {v1a}'),
    signed('{cut} {cut}= {v1}'),
    signed(`${'{v1a} '.repeat(15)}{v1}`),
    signed(
      Array.from({ length: 5 }, (_, i) => `v1a,${Buffer.alloc(64, i + 1).toString('base64')}`).join(
        ' ',
      ),
    ),
    signed(`v1,${Buffer.alloc(32).toString('base64')}, {v1}`, { shape: 4 }),
    signed('{v1}', { body: 'é\ufeff', shape: 5 }),
    signed('{v1}', { body: '' }),
  ],
  dictionary: [
    ...HEADER_WORDS,
    `v1,${Buffer.alloc(32, 255).toString('base64')}`,
    ' ',
    '=',
    'V1,',
    '{v1},x',
  ],
  run,
})
