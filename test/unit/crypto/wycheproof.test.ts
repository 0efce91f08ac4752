import { describe, expect, test } from '@jest/globals'
import { wycheproofMacs, wycheproofSignatures } from '../../conformance/vectors.js'

// They run over this project's backend here, and on every runtime in `npm run test:runtimes`.
describe('HMAC-SHA256', () => {
  test('there are 174', () => expect(wycheproofMacs).toHaveLength(174))
  test.each(wycheproofMacs)('$name', ({ run }) => run())
})

describe('ed25519', () => {
  test('there are 151', () => expect(wycheproofSignatures).toHaveLength(151))
  test.each(wycheproofSignatures)('$name', ({ run }) => run())
})
