import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { createVerifier, type VerifierOptions } from 'countersign'

interface SenderDelivery {
  readonly source: string
  readonly note?: string
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
