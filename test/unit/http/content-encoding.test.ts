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
    'none',
    'None',
    'null',
    'undefined',
    'false',
    'binary',
    '7bit',
    '8bit',
    'plain',
    'text',
    'json',
    'text/plain',
    'application/json',
    'UTF-8',
    'utf8',
    'charset=utf-8',
    'ascii',
    'us-ascii',
    'latin1',
    'iso-8859-1',
    'windows-1252',
    'utf-16',
    'amz-1.0',
    'identity, identity',
    // 200 characters, the most that are read.
    `${'identity,'.repeat(21)}utf-8,utf-8`,
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
    `${'identity,'.repeat(21)} utf-8,utf-8`,
    `${'identity,'.repeat(22)}identity`,
  ])('%p is refused', (encoding) => {
    expect(codeOf(encoding)).toBe('body_encoding_unsupported')
  })
  test('the message says what to do', () => {
    expect(() => assertNotCompressed({ 'content-encoding': 'gzip' })).toThrow(
      /Content-Encoding: have it sent uncompressed, also by proxies$/,
    )
  })
  test.each(['\u00a0', ' ', '\t', ',', ', ', 'identity,', 'x', '\u2003'])(
    'many %p take linear time',
    async (piece) => {
      await expectLinear((size) => codeOf(`${piece.repeat(size)}x`), 2000)
    },
  )
})
