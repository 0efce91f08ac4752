import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import * as text from '../../../src/diagnose/text.js'

test('bytes as text of one character each, and back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20_000 }), (bytes) => {
      expect(text.binaryBytes(text.binaryText(bytes))).toEqual(bytes)
    }),
    { numRuns: 20 },
  )
})

test('Windows-1252, also for bytes that differ from Latin-1', () => {
  expect(text.fromWindows1252(Uint8Array.of(0x80, 0x99, 0xe9, 0x41))).toBe('€™éA')
  expect(text.toWindows1252('€™éA')).toEqual(Uint8Array.of(0x80, 0x99, 0xe9, 0x41))
  expect(text.toWindows1252('🎉')).toBeUndefined()
  const all = Uint8Array.from({ length: 256 }, (_, i) => i)
  expect(text.toWindows1252(text.fromWindows1252(all))).toEqual(all)
})

test('decoding, strictly and with loss, keeps a byte order mark', () => {
  expect(text.textOf(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41))).toBe('\ufeffA')
  expect(text.textOf(Uint8Array.of(0xff))).toBeUndefined()
  expect(text.lossyText(Uint8Array.of(0xff, 0x41))).toBe('\ufffdA')
})

test('base64 as forgiving decoders read it', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      expect(Buffer.from(text.forgivingBase64(value.replaceAll('=', '')))).toEqual(
        Buffer.from(value.replaceAll('=', ''), 'base64'),
      )
    }),
  )
  expect(text.plainBase64('AA-_AA')).toEqual(Uint8Array.of(0, 0, 0))
})

test('fingerprints distinguish bytes', () => {
  const seen = new Set<string>()
  for (let i = 0; i < 5000; i++) seen.add(text.fingerprint(Buffer.from(`body ${i}`)))
  seen.add(text.fingerprint(new Uint8Array(0)))
  seen.add(text.fingerprint(new Uint8Array(1)))
  expect(seen.size).toBe(5002)
  expect(text.fingerprint(Buffer.from('x'))).toBe(text.fingerprint(Uint8Array.of(120)))
})

test('text that cannot be decoded is undefined', () => {
  expect(text.percentDecoded('%zz')).toBeUndefined()
  expect(text.percentDecoded('same')).toBeUndefined()
  expect(text.percentDecoded('%20')).toBe(' ')
  expect(text.parseJson('{')).toBeUndefined()
  expect(text.parseJson(undefined)).toBeUndefined()
  expect(text.parseJson('[1]')).toEqual([1])
})

test('ends are trimmed as asked', () => {
  expect(text.trimmed(' \t a b\r\n')).toBe('a b')
  expect(text.trimmed(' a ', 'start')).toBe('a ')
  expect(text.trimmed(' a ', 'end')).toBe(' a')
  expect(text.trimmed('a\0\0', 'end', '\0')).toBe('a')
  expect(text.trimmed('  ')).toBe('')
  expect(text.trimmed('\xa0')).toBe('\xa0')
})

test('JSON that is nested deep is JSON, but is not taken apart', () => {
  const deep = '['.repeat(101) + ']'.repeat(101)
  expect(text.isJson(deep)).toBe(true)
  expect(text.parseJson(deep)).toBeUndefined()
  expect(text.parseJson('['.repeat(100) + ']'.repeat(100))).toBeDefined()
  expect(text.isJson('{')).toBe(false)
})
