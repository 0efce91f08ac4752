import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { createVerifier } from 'countersign'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { senderCases } from '../conformance/vectors.js'
import senders from '../vectors/senders.json' with { type: 'json' }

const deliveries: readonly {
  readonly source: string
  readonly note?: string
  readonly expected: string
}[] = senders

test.each(senderCases({ createVerifier }))('$name', ({ run }) => run())

// The packages with which senders sign, as they are on npm.
const signers = { svix: SvixWebhook, standardwebhooks: StandardWebhook }
describe.each(Object.entries(signers))('signed by the package %s', (_name, Signer) => {
  const secret = `whsec_${Buffer.alloc(32, 'key').toString('base64')}`
  const at = new Date(1_700_000_000_000)
  const body = '{"type": "user.created", "name": "Zo\u00eb"}'
  const verify = createVerifier({ secret, now: () => at })
  const signature = new Signer(secret).sign('msg_1', at, body)

  test.each(['webhook', 'svix'])(
    '%s-* headers verify, and not for another body',
    async (prefix) => {
      const headers = {
        [`${prefix}-id`]: 'msg_1',
        [`${prefix}-timestamp`]: '1700000000',
        [`${prefix}-signature`]: signature,
      }
      expect((await verify(body, headers)).payload).toEqual(JSON.parse(body))
      expect((await verify.check(`${body} `, headers)).ok).toBe(false)
    },
  )
})

test('there are some of both kinds', () => {
  for (const kind of ['valid', 'invalid']) {
    expect(deliveries.filter(({ expected }) => expected === kind).length).toBeGreaterThan(4)
  }
})

describe('docs/senders.md', () => {
  const rows = readFileSync('docs/senders.md', 'utf8').match(/^\| [A-Z]\S*/gm) ?? []
  const names = rows.map((row) => row.slice('| '.length))
  const published = deliveries.map(({ source, note }) => `${source} ${note}`.toLowerCase())

  test('has a row for the senders whose deliveries are published', () => {
    expect(names.length).toBeGreaterThan(6)
  })
  // The account API of Cadenya is `fakeAccount` in these tests.
  test.each(names.filter((name) => name !== 'Cadenya'))('%s has a published delivery', (name) => {
    expect(published.filter((text) => text.includes(name.toLowerCase()))).not.toEqual([])
  })
})
