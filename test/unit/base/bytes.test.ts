import { describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import {
  concatBytes,
  decodeBase64,
  decodeHex,
  decodeUtf8,
  encodeBase64,
  encodeUtf8,
  equalConstantTime,
  viewBytes,
} from '../../../src/base/bytes.js'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
const someBytes = fc.uint8Array({ maxLength: 80 })

/** The four spellings of some bytes, by Node's own encoder. */
function spellings(key: Uint8Array): string[] {
  const padded = Buffer.from(key).toString('base64')
  const urlSafe = padded.replaceAll('+', '-').replaceAll('/', '_')
  return [padded, padded.replace(/=+$/, ''), urlSafe, urlSafe.replace(/=+$/, '')]
}

describe('decodeBase64', () => {
  test('reads each of the four spellings', () => {
    fc.assert(
      fc.property(someBytes, (key) => {
        for (const text of spellings(key)) expect(decodeBase64(text)).toEqual(key)
      }),
    )
  })

  test('reads nothing else', () => {
    const letters = [...'AQgwEIMBZaz059+/-_=', ' ', '\n', '!', '.', ',', 'é', '\0']
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom(...letters), maxLength: 12 }),
      fc.string({ unit: fc.constantFrom(...'AQEx+/-_='), maxLength: 12 }),
      fc.string(),
    )
    fc.assert(
      fc.property(text, (text) => {
        const key = Buffer.from(text, 'base64')
        const expected = spellings(key).includes(text) ? new Uint8Array(key) : undefined
        expect(decodeBase64(text)).toEqual(expected)
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    ['one character', 'A'],
    ['one character too many', 'AAAAA'],
    ['stray bits in two', 'AB'],
    ['stray bits in two, padded', 'AB=='],
    ['stray bits in three', 'AAB'],
    ['stray bits in three, padded', 'AAB='],
    ['half a padding', 'AA='],
    ['padding too long', 'AAA=='],
    ['padding for nothing', 'AAAA='],
    ['four of padding', 'AAAA===='],
    ['padding alone', '='],
    ['padding inside', 'AA==AAAA'],
    ['mixed alphabets', '+_+_'],
    ['mixed alphabets far apart', 'A+AAAAA-'],
    ['a space after', 'AAAA '],
    ['a newline after', 'AAAA\n'],
    ['a newline inside', 'AA\nAA'],
    ['a letter that is none', 'AAA!'],
    ['a full-width letter', 'AAAＡ'],
  ])('refuses %s', (_, text) => {
    expect(decodeBase64(text)).toBeUndefined()
  })

  test('_ and - are characters like any other', () => {
    expect(decodeBase64('____')).toEqual(bytes(255, 255, 255))
    expect(decodeBase64('-_-_')).toEqual(bytes(251, 255, 191))
    expect(decodeBase64('')).toEqual(bytes())
  })
})

test('encodeBase64 writes what Node writes', () => {
  fc.assert(
    fc.property(someBytes, (key) => {
      expect(encodeBase64(key)).toBe(Buffer.from(key).toString('base64'))
    }),
  )
})

test('encodeBase64 takes any length, where each byte as an argument overflows the stack', () => {
  const long = Uint8Array.from({ length: 200_000 }, (_, i) => i)
  expect(encodeBase64(long)).toBe(Buffer.from(long).toString('base64'))
})

describe('decodeHex', () => {
  test('reads both cases and nothing else', () => {
    const unit = fc.constantFrom(...'0189abfABF gGx\n')
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 8 }), (text) => {
        const key = Buffer.from(text, 'hex')
        const isClean = key.toString('hex') === text.toLowerCase()
        expect(decodeHex(text)).toEqual(isClean ? new Uint8Array(key) : undefined)
      }),
      { numRuns: 1000 },
    )
  })
  test.each(['0', '000', '0x00', '00 ', '0g', '００'])('refuses %p', (text) => {
    expect(decodeHex(text)).toBeUndefined()
  })
})

describe('UTF-8', () => {
  test('there and back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(Buffer.from(encodeUtf8(text)).toString('utf8')).toBe(text)
        expect(decodeUtf8(Buffer.from(text))).toBe(text.replace(/^\ufeff/, ''))
      }),
    )
  })
  test.each([
    ['a stray byte', bytes(0xff)],
    ['a sequence cut short', bytes(0xe2, 0x82)],
    ['an overlong slash', bytes(0xc0, 0xaf)],
    ['a surrogate', bytes(0xed, 0xa0, 0x80)],
    ['beyond the last code point', bytes(0xf4, 0x90, 0x80, 0x80)],
  ])('%s is refused, not replaced', (_, wrong) => {
    // By name: the runner's realm has a TypeError of its own.
    expect(() => decodeUtf8(wrong)).toThrow(expect.objectContaining({ name: 'TypeError' }))
  })
  test('one delivery leaves nothing behind for the next', () => {
    expect(() => decodeUtf8(bytes(0xe2, 0x82))).toThrow()
    expect(decodeUtf8(bytes(0x61))).toBe('a')
  })
})

describe('equalConstantTime', () => {
  test('reads every character of both, wherever they differ first', () => {
    const text = 'a'.repeat(44)
    const read = jest.spyOn(String.prototype, 'charCodeAt')
    try {
      for (const other of [text, `b${text.slice(1)}`, `${text.slice(1)}b`, `${text.slice(2)}bb`]) {
        read.mockClear()
        equalConstantTime(text, other)
        expect(read).toHaveBeenCalledTimes(2 * text.length)
      }
    } finally {
      read.mockRestore()
    }
  })

  test('distinguishes equal from different bytes of any length', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(equalConstantTime(a, b)).toBe(a === b)
        expect(equalConstantTime(a, a)).toBe(true)
        expect(equalConstantTime(a, `${a}x`)).toBe(false)
        expect(equalConstantTime(`${a}x`, a)).toBe(false)
        expect(equalConstantTime(`${a}\0`, a)).toBe(false)
      }),
    )
  })

  test('compares with what stands behind the start', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string({ minLength: 1 }), (before, a, b) => {
        expect(equalConstantTime(a, before + a, before.length)).toBe(true)
        expect(equalConstantTime(a, before + a + b, before.length)).toBe(false)
        expect(equalConstantTime(a + b, before + a, before.length)).toBe(false)
        expect(equalConstantTime(a, before + b, before.length)).toBe(a === b)
      }),
    )
  })

  /** A text that counts how often it is looked at. */
  function counted(text: string): { text: string; looks: () => number } {
    let looks = 0
    const counting = {
      length: text.length,
      charCodeAt: (index: number) => {
        looks++
        return text.charCodeAt(index)
      },
    }
    return { text: counting as unknown as string, looks: () => looks }
  }

  test.each([
    ['equal', 'abcdefgh'],
    ['different in the first character', 'Xbcdefgh'],
    ['different in the last character', 'abcdefgX'],
    ['different everywhere', 'XXXXXXXX'],
  ])('looks at every character: %s', (_, given) => {
    const { text, looks } = counted(given)
    equalConstantTime(text, 'abcdefgh')
    expect(looks()).toBe(8)
  })

  test.each(['', 'a', 'abcdefghi', 'Xbcdefghi'])('looks at every character of %p too', (given) => {
    const { text, looks } = counted(given)
    expect(equalConstantTime(text, 'abcdefgh')).toBe(false)
    expect(looks()).toBe(given.length)
  })
})

test('concatBytes puts chunks one after the other', () => {
  expect(concatBytes(bytes(1, 2), bytes(3))).toEqual(bytes(1, 2, 3))
  expect(concatBytes(bytes(), bytes())).toEqual(bytes())
})

test('memory that threads share is bytes, too', () => {
  const shared = new SharedArrayBuffer(2)
  new Uint8Array(shared).set([1, 2])
  expect(viewBytes(shared)).toEqual(Uint8Array.of(1, 2))
})
