import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { createVerifier, type VerifierOptions } from 'countersign'

interface SenderDelivery {
  readonly source: string
  readonly secret: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly expected: 'valid' | 'invalid'
  readonly now: number
  readonly options?: Pick<VerifierOptions, 'minSecretBytes'>
}

// Deliveries that senders and their libraries publish as examples.
const deliveries: SenderDelivery[] = JSON.parse(readFileSync('test/vectors/senders.json', 'utf8'))

test.each(deliveries)('$source', async ({ secret, headers, body, expected, now, options }) => {
  const verify = createVerifier({ ...options, secret, now: () => now * 1000, parse: 'none' })
  const { ok } = await verify.check(body, headers)
  expect(ok).toBe(expected === 'valid')
})

test('there are some of both kinds', () => {
  for (const kind of ['valid', 'invalid']) {
    expect(deliveries.filter(({ expected }) => expected === kind).length).toBeGreaterThan(4)
  }
})
