import { describe, expect, test } from '@jest/globals'
import { assertNotCompressed } from '../../../src/http/content-encoding.js'
import { expectLinear } from '../../support/growth.js'

function codeOf(encoding: string): string {
  try {
    assertNotCompressed({ 'Content-Encoding': encoding })
    return 'taken'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('assertNotCompressed', () => {
  test('a missing header means no encoding', () => {
    expect(() => assertNotCompressed({})).not.toThrow()
  })
  test.each([
    'identity',
    ' Identity ',
    '',
    'UTF-8',
    'utf8',
    'binary',
    'none',
    'None',
    '8bit',
    'identity, identity',
    'application/json',
    'iso-8859-1',
  ])('%p compresses nothing', (encoding) => {
    expect(codeOf(encoding)).toBe('taken')
  })
  test.each([
    'gzip',
    'GZIP',
    'x-gzip',
    'br',
    'deflate',
    'zstd',
    'compress',
    'aws-chunked',
    'identity, gzip',
    'gzip, identity',
    'utf-8 gzip',
    'x-unknown',
    'identity;q=1',
    // Longer than any name of an encoding.
    `${'identity,'.repeat(22)}identity`,
  ])('%p is refused', (encoding) => {
    expect(codeOf(encoding)).toBe('body_encoding_unsupported')
  })
  test.each(['\u00a0', ' ', '\t', ',', ', ', 'identity,', 'x', '\u2003'])(
    'many %p take linear time',
    async (piece) => {
      await expectLinear((size) => codeOf(`${piece.repeat(size)}x`), 2000)
    },
  )
})
