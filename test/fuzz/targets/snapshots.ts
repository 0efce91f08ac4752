import { assertHides, holds, textsOf } from '../engine/find.js'
import { hmac, KEYS, NOW, SECRETS } from '../signed.js'
import { defineTarget, type Subject, type Subjects } from '../target.js'

type Input = {
  readonly text: string
  readonly version: number
  readonly isSealed: boolean
  readonly place: number
}

/** What the account itself says; the snapshot holds another key. */
const ACCOUNT_SECRET = 'wh_DQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKyw='
const SEALING_KEY = Buffer.alloc(32, 5).toString('base64')

async function run(input: Input, { node, web }: Subjects): Promise<void> {
  for (const subject of [node, web]) {
    const errors: unknown[] = []
    const source = subject.rotatingSecret({
      fetch: () => ACCOUNT_SECRET,
      snapshot: PLACES[Math.abs(input.place) % PLACES.length]?.(subject, input),
      warm: false,
      now: () => NOW * 1000,
      onError: (error) => errors.push(error),
    })
    const verify = subject.createVerifier({ secret: source, now: () => NOW * 1000, warn: false })
    const ofAccount = await deliver(verify, Buffer.from(ACCOUNT_SECRET.slice(3), 'base64'))
    const ofSnapshot = await deliver(verify, KEYS[0]?.bytes ?? Buffer.alloc(0))
    const status = source.status()
    source.close()
    // Whatever stands in the store, the account's own key is found, or the sender is asked to come again.
    holds(
      ['accepted', 'signature_undecided'].includes(ofAccount),
      'a snapshot never locks the account out',
      () => JSON.stringify({ ofAccount, status, errors: errors.map(textsOf) }),
    )
    if (ofSnapshot === 'accepted')
      holds(input.text.includes('wh_'), 'a key comes from the snapshot', () => input.text)
    for (const error of errors) {
      holds(error instanceof subject.RefreshError, 'only typed errors', () => textsOf(error))
      assertHides(textsOf(error), SECRETS)
    }
    assertHides(JSON.stringify(status), SECRETS)
  }
}

type Verify = ReturnType<Subject['createVerifier']>

async function deliver(verify: Verify, key: Uint8Array): Promise<string> {
  const body = Buffer.from('{}')
  const verdict = await verify.check(body, {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(NOW),
    'webhook-signature': hmac(key, 'msg_1', String(NOW), body),
  })
  return verdict.ok ? 'accepted' : verdict.error.code
}

type Snapshot = ReturnType<Subject['kvSnapshot']>

/** The stores that hold the text. Their clients are replaced, because the text is what is attacked. */
const PLACES: readonly ((subject: Subject, input: Input) => Snapshot)[] = [
  (_, { text }) => ({ load: () => text, save: () => true }),
  (subject, { text, version, isSealed }) =>
    subject.kvSnapshot(
      {
        getWithMetadata: async () => ({ value: text, metadata: { version } }),
        put: async () => {},
      } as never,
      sealing(isSealed),
    ),
  (subject, { text, version, isSealed }) => {
    const answer = async (): Promise<string> => `${text} ${version}`
    const client = { evalsha: answer, eval: answer, createScript: answer }
    return subject.redisSnapshot(client as never, sealing(isSealed))
  },
  (subject, { text, version, isSealed }) =>
    subject.postgresSnapshot(
      { query: async () => ({ rows: [{ answer: `${version} ${text}` }] }) } as never,
      sealing(isSealed),
    ),
]

function sealing(isSealed: boolean): object {
  return isSealed ? { encryptionKey: SEALING_KEY } : {}
}

const keys = [{ secret: SECRETS[0], keyId: 'abcdefgh', retiredAt: null }]
const content = {
  format: 2,
  version: 1,
  readAt: NOW * 1000,
  keys,
  forgotten: [{ keyId: 'x', at: 0 }],
}
const seed = (text: string, more: Partial<Input> = {}): Input => ({
  text,
  version: 1,
  isSealed: false,
  place: 0,
  ...more,
})

export const snapshots = defineTarget<Input>({
  name: 'snapshots',
  seeds: [
    ...PLACES.map((_, place) => seed(JSON.stringify(content), { place })),
    seed(
      JSON.stringify({
        ...content,
        keys: [...keys, { secret: SECRETS[1], keyId: 'b', retiredAt: NOW * 1000 - 1000 }],
      }),
    ),
    seed(JSON.stringify({ ...content, readAt: 0 })),
    seed('gcm1.AAAAAAAAAAAAAAAA', { isSealed: true, place: 1 }),
    seed(''),
  ],
  dictionary: [
    '"retiredAt":null',
    '"forgotten":[]',
    '"keys":[]',
    '"secret":',
    ...SECRETS,
    'gcm1.',
    '"format":2',
    '1e300',
    '-0',
    String(NOW * 1000),
    '9007199254740991',
  ],
  run,
})
