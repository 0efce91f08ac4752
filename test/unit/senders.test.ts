import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { createVerifier } from 'countersign'
import { senderCases } from '../conformance/vectors.js'
import senders from '../vectors/senders.json' with { type: 'json' }

const deliveries: readonly {
  readonly source: string
  readonly note?: string
  readonly expected: string
}[] = senders

test.each(senderCases({ createVerifier }))('$name', ({ run }) => run())

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
