import { assertHides, holds, textsOf } from '../engine/find.js'
import { keyOf } from '../oracle/secret.js'
import { hmac, NOW, SECRETS } from '../signed.js'
import { defineTarget, type Subject, type Subjects } from '../target.js'

type Input = { readonly value: string; readonly encoding: string; readonly minBytes: number }

async function run({ value, encoding, minBytes }: Input, subjects: Subjects): Promise<void> {
  const secret = encoding === '' ? value : { value, encoding }
  const least = Math.abs(minBytes) % 40
  const key = keyOf(secret, least)
  const ids: string[] = []
  for (const subject of [subjects.node, subjects.web]) {
    const verify = verifierFor(subject, secret, least)
    holds((verify !== undefined) === (key !== undefined), 'a secret is a key or a TypeError', () =>
      JSON.stringify({ secret, least, usable: key !== undefined }),
    )
    if (!verify || !key) continue
    const body = Buffer.from('{}')
    const signed = key.scheme === 'v1' ? key.bytes : Buffer.from('another key that is not it')
    const verdict = await verify.check(body, {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(NOW),
      'webhook-signature': hmac(signed, 'msg_1', String(NOW), body),
    })
    holds(verdict.ok === (key.scheme === 'v1'), 'the key is that of the specification', () =>
      JSON.stringify({ secret, verdict }),
    )
    if (verdict.ok) ids.push(verdict.webhook.keyId)
    if (!verdict.ok) assertHides(textsOf(verdict.error), [value])
  }
  holds(new Set(ids).size <= 1, 'a key has one fingerprint', () => ids.join(' '))
}

function verifierFor(subject: Subject, secret: unknown, minSecretBytes: number) {
  try {
    return subject.createVerifier({
      secret: secret as string,
      minSecretBytes,
      now: () => NOW * 1000,
      warn: false,
    })
  } catch (error) {
    holds(error instanceof TypeError, 'only typed errors', () => textsOf(error))
    // Its stack shows the line of this file, and its message must show nothing of the secret.
    assertHides(String(Object(error).message), [String(Object(secret).value ?? secret)])
    return undefined
  }
}

const POINTS = [
  '01'.padEnd(64, '0'),
  '00'.repeat(32),
  'ed'.padEnd(62, 'f').concat('7f'),
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '02'.padEnd(64, '0'),
]

export const secrets = defineTarget<Input>({
  name: 'secrets',
  seeds: [
    ...[...SECRETS, 'wh_asdf1234', `v1,${SECRETS[1]}`, ' \n', '', 'whsk_AAAA', 'wh_whpk_AAAA'].map(
      (value) => ({ value, encoding: '', minBytes: 24 }),
    ),
    ...POINTS.map((hex) => ({
      value: `whpk_${Buffer.from(hex, 'hex').toString('base64')}`,
      encoding: '',
      minBytes: 24,
    })),
    { value: 'a key that is used as text', encoding: 'utf8', minBytes: 24 },
    { value: '00112233445566778899aabbccddeeff0011223344556677', encoding: 'hex', minBytes: 24 },
    { value: ` whsec_${'A'.repeat(31)}E `, encoding: 'base64', minBytes: 0 },
    { value: 'AAAB', encoding: 'base64', minBytes: 1 },
  ],
  dictionary: [
    'wh_',
    'whsec_',
    'whpk_',
    'whsk_',
    'WHSK_',
    'v1,',
    '=',
    '==',
    '-',
    '_',
    '+',
    '/',
    ' ',
    '\n',
    '\ufeff',
    '\u00a0',
    'utf8',
    'hex',
    'base64',
    'toString',
  ],
  run,
})
