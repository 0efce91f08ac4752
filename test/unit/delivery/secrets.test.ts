import { runInNewContext } from 'node:vm'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseSecret, secretText } from '../../../src/delivery/secrets.js'
import type { Secret } from '../../../src/delivery/types.js'
import { expectLinear } from '../../support/growth.js'
import { ed25519 } from '../../vectors/rfc.js'

const bytesOf = (secret: unknown, minBytes?: number): number[] =>
  Array.from(parseSecret(secret as Secret, minBytes).bytes)

function messageOf(secret: unknown, minBytes?: number): string {
  try {
    parseSecret(secret as Secret, minBytes)
  } catch (error) {
    if (error instanceof TypeError) return error.message
    throw error
  }
  throw new Error('no TypeError')
}

const key = fc
  .uint8Array({ minLength: 24, maxLength: 80 })
  .filter((bytes) => new Set(bytes).size > 1)
const counted = (length: number, first = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => first + i)
const SPELT = `whsec_${Buffer.from(counted(32)).toString('base64')}`
const spellings: Record<string, (bytes: Buffer) => string> = {
  base64: (bytes) => bytes.toString('base64'),
  'base64, unpadded': (bytes) => bytes.toString('base64').replace(/=+$/, ''),
  base64url: (bytes) => bytes.toString('base64url'),
  'base64url, padded': (bytes) =>
    bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
}
const prefixes = ['', 'wh_', 'whsec_', 'v1,', 'v1,wh_', 'v1,whsec_']
const spaces = ['', ' ', '\n', '\t', '\r\n', '\u00a0', '\ufeff']

describe('text', () => {
  test.each(Object.entries(spellings))('%s, behind any prefix and white space', (_, spell) => {
    const some = fc.constantFrom(...spaces)
    fc.assert(
      fc.property(key, fc.constantFrom(...prefixes), some, some, (bytes, prefix, before, after) => {
        // Bare text that starts like a prefix is read as one with it.
        fc.pre(prefix !== '' || !/^wh(sec)?_/.test(spell(Buffer.from(bytes))))
        const text = `${before}${prefix}${spell(Buffer.from(bytes))}${after}`
        expect(parseSecret(text)).toEqual({ scheme: 'v1', bytes })
      }),
    )
  })

  test('only one prefix is dropped', () => {
    const text = `whsec_${'A'.repeat(42)}`
    expect(bytesOf(`wh_${text}`)).toEqual(Array.from(Buffer.from(text, 'base64url')))
  })

  test.each(['wh_', 'whsec_', 'whpk_', 'whsk_'])(
    '%s is no prefix in the middle of a text, where it belongs to the key',
    (prefix) => {
      const text = `AbCd${prefix}`.padEnd(44, 'A')
      expect(bytesOf(text)).toEqual(Array.from(Buffer.from(text, 'base64url')))
      expect(bytesOf({ value: text, encoding: 'utf8' })).toEqual(Array.from(Buffer.from(text)))
    },
  )

  test('a _ is a character of the key, not its end', () => {
    const bytes = Buffer.alloc(33, 0xff).fill(0xfe, 32)
    expect(bytesOf(`wh_${bytes.toString('base64url')}`)).toHaveLength(33)
    expect(bytesOf(`wh_${'abc_'.repeat(10)}ab_c`)).toHaveLength(33)
  })

  test('text that is not clean base64 is refused, wherever the flaw is', () => {
    const clean = Buffer.alloc(60, 0xfb).toString('base64')
    const flaw = fc.constantFrom('!', ' ', '\n', '.', ',', '=', '-', '_', 'é', '\0', '%2B', '"')
    fc.assert(
      fc.property(fc.nat(clean.length), flaw, fc.constantFrom(...prefixes), (at, flaw, prefix) => {
        const text = `${prefix}${clean.slice(0, at)}${flaw}${clean.slice(at)}`
        const isTrimmed = at === clean.length && /\s/.test(flaw)
        const isLeading = at === 0 && prefix === '' && /\s/.test(flaw)
        fc.pre(!isTrimmed && !isLeading)
        expect(() => parseSecret(text)).toThrow(TypeError)
      }),
      { numRuns: 500 },
    )
  })

  test('anything at all gives key bytes or a TypeError, and is not repeated in it', () => {
    const secret = fc.oneof(
      fc.string({ unit: 'binary', minLength: 8 }),
      fc.base64String({ minLength: 8 }).map((text) => `wh_${text}x`),
      fc.anything(),
      fc.record({
        value: fc.string(),
        encoding: fc.constantFrom('hex', 'base64', 'utf8', 'x', 'toString'),
      }),
    )
    fc.assert(
      fc.property(secret, fc.integer({ min: 1, max: 40 }), (secret, minBytes) => {
        try {
          const { bytes } = parseSecret(secret as Secret, minBytes)
          expect(bytes.length).toBeGreaterThanOrEqual(minBytes)
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError)
          if (typeof secret === 'string' && secret.trim().length > 7) {
            expect((error as Error).message).not.toContain(secret.trim())
          }
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('prefixes', () => {
  // RFC 8032, section 7.1, test 1.
  const point = ed25519[0][1]
  const public32 = Buffer.from(point, 'hex').toString('base64')
  test('whpk_ is a public key for v1a, of 32 bytes', () => {
    for (const text of [`whpk_${public32}`, `v1,whpk_${public32}`, ` whpk_${public32}\n`]) {
      expect(parseSecret(text)).toEqual({
        scheme: 'v1a',
        bytes: Uint8Array.from(Buffer.from(point, 'hex')),
      })
    }
    for (const length of [0, 1, 24, 31, 33, 64]) {
      expect(() => parseSecret(`whpk_${Buffer.alloc(length, 3).toString('base64')}`)).toThrow(
        TypeError,
      )
    }
    expect(() => parseSecret(`whpk_${public32}!`)).toThrow(TypeError)
  })

  test.each([
    ['31 bytes', Buffer.alloc(31, 3).toString('base64')],
    ['0 bytes', ''],
    ['text that is not base64', `${public32}!`],
  ])('a whpk_ key that is %s is told so', (found, encoded) => {
    expect(messageOf(`whpk_${encoded}`)).toBe(
      `a whpk_ key must be 32 bytes in base64, but this is ${found}: copy it again`,
    )
  })

  test.each([
    ['all zeros', '00'.repeat(32)],
    ['the identity', `01${'00'.repeat(31)}`],
    ['order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
    ['no point of the curve', `02${'00'.repeat(31)}`],
    ['a second spelling', `f0${'ff'.repeat(30)}7f`],
  ])('a public key that is weak or none is refused, and the TypeError says so: %s', (_, hex) => {
    const text = `whpk_${Buffer.from(hex, 'hex').toString('base64')}`
    expect(messageOf(text)).toContain('the whpk_ key is weak or not an ed25519 key')
  })

  test('the least length of an HMAC key does not concern a public key', () => {
    expect(parseSecret(`whpk_${public32}`, 64).scheme).toBe('v1a')
  })

  test.each([`whsk_${public32}`, `v1,whsk_${public32}`, `\twhsk_${public32}`, 'whsk_', 'whsk_!'])(
    '%p is for signing, and the TypeError says so',
    (secret) => {
      expect(messageOf(secret)).toContain('whsk_')
      expect(messageOf(secret)).toContain('whpk_')
    },
  )

  // 43 characters behind most of these would be clean base64url as a whole.
  test.each([
    'whsk_',
    'whpk_',
    ' v1,whpk_',
    'wh_whsk_',
    'wh_whpk_',
    'whsec_whsk_',
    'v1,whsec_whpk_',
    'WHSK_',
    'Whpk_',
    'wh_WHPK_',
  ])('%s never makes an HMAC key, in no spelling and no encoding', (prefix) => {
    const values = [40, 41, 42, 43].map((length) => prefix + public32.slice(0, length))
    for (const value of [...values, `${prefix}${public32}`]) {
      if (!/whpk_/.test(prefix)) expect(() => parseSecret(value)).toThrow(TypeError)
      for (const encoding of ['base64', 'utf8'] as const) {
        expect(messageOf({ value, encoding })).toMatch(/whsk_.*whpk_/)
      }
    }
  })
  test('a public key behind another prefix is no HMAC key either', () => {
    for (const prefix of ['wh_', 'whsec_', 'v1,wh_']) {
      for (const length of [41, 42, 43]) {
        const text = `${prefix}whpk_${public32.slice(0, length)}`
        expect(messageOf(text)).toMatch(/whsk_.*whpk_/)
      }
    }
  })
})

describe('encodings', () => {
  test('utf8 is the characters themselves, prefix and white space included', () => {
    for (const value of [
      'whsec_0123456789012345678901234567',
      ' with space around the key ',
      'ключ ключ ключ ключ',
    ]) {
      expect(bytesOf({ value, encoding: 'utf8' })).toEqual(Array.from(Buffer.from(value)))
    }
  })
  test('hex in either case, white space around dropped', () => {
    fc.assert(
      fc.property(key, fc.boolean(), fc.constantFrom(...spaces), (bytes, upper, space) => {
        const hex = Buffer.from(bytes).toString('hex')
        const value = `${space}${upper ? hex.toUpperCase() : hex}${space}`
        expect(parseSecret({ value, encoding: 'hex' })).toEqual({ scheme: 'v1', bytes })
      }),
    )
  })
  test('base64 as in plain text', () => {
    const bytes = Buffer.alloc(32, 0xfb).fill(1, 31)
    for (const value of [
      bytes.toString('base64'),
      bytes.toString('base64url'),
      `whsec_${bytes.toString('base64')}`,
    ]) {
      expect(bytesOf({ value, encoding: 'base64' })).toEqual(Array.from(bytes))
    }
  })
  test.each([
    'ascii',
    'latin1',
    'UTF8',
    '',
    undefined,
    null,
    'toString',
    'constructor',
    '__proto__',
    'hasOwnProperty',
  ])('unknown encoding %p', (encoding) => {
    expect(messageOf({ value: 'x'.repeat(40), encoding })).toContain('encoding')
  })
})

describe('bytes', () => {
  test('are the key', () => {
    fc.assert(
      fc.property(key, (bytes) => {
        expect(parseSecret(bytes)).toEqual({ scheme: 'v1', bytes })
        expect(parseSecret(Buffer.from(bytes))).toEqual({ scheme: 'v1', bytes })
      }),
    )
  })
  test('are copied: what the owner does with them later is not our key', () => {
    for (const bytes of [
      counted(32),
      Buffer.from(counted(32)),
      Buffer.from('12345678'.repeat(4)),
    ]) {
      const material = parseSecret(bytes)
      const before = Array.from(material.bytes)
      bytes.fill(9)
      expect(Array.from(material.bytes)).toEqual(before)
    }
  })
  test.each([
    ['Int8Array', new Int8Array(32).fill(-1, 1)],
    ['Uint8ClampedArray', new Uint8ClampedArray(32).fill(255, 1)],
    ['another realm', runInNewContext('new Uint8Array(32).fill(255, 1)')],
    ['shared memory', new Uint8Array(new SharedArrayBuffer(32)).fill(255, 1)],
  ])('of %s are the key', (_, bytes) => {
    expect(bytesOf(bytes)).toEqual([0, ...Array(31).fill(255)])
  })
  test.each([
    [new Uint16Array(32).fill(300)],
    [new Int32Array(32).fill(-1)],
    [new Float64Array(32).fill(1)],
    [new BigUint64Array(32).fill(1n)],
    [new DataView(new ArrayBuffer(32))],
  ])('elements of another width are not cut down to bytes: %p', (numbers) => {
    expect(messageOf(numbers)).toContain('Uint8Array')
  })
  test('of a view count from its start', () => {
    const room = new Uint8Array(100).fill(1).fill(2, 50).fill(3, 60)
    expect(bytesOf(room.subarray(50, 82))).toEqual([...Array(10).fill(2), ...Array(22).fill(3)])
  })
})

describe('length', () => {
  const spelt = (length: number): unknown[] => {
    const bytes = Buffer.from(Array.from({ length }, (_, i) => 97 + (i % 26)))
    return [
      bytes,
      `wh_${bytes.toString('base64')}`,
      { value: bytes.toString('hex'), encoding: 'hex' },
      { value: bytes.toString(), encoding: 'utf8' },
      { value: bytes.toString('base64'), encoding: 'base64' },
    ]
  }
  test.each([24, 32, 64, 65, 1000])('%i bytes are accepted in every form', (length) => {
    for (const secret of spelt(length)) expect(bytesOf(secret)).toHaveLength(length)
  })
  test.each([2, 16, 23])('%i bytes are refused in every form, with the length found', (length) => {
    for (const secret of spelt(length)) {
      expect(messageOf(secret)).toContain(`${length} key bytes`)
      expect(bytesOf(secret, length)).toHaveLength(length)
      expect(() => parseSecret(secret as Secret, length + 1)).toThrow(TypeError)
    }
  })
  test('the example of the documents is explained', () => {
    for (const hint of ['6', 'wh_asdf1234', 'generateSecret()', 'minSecretBytes']) {
      expect(messageOf('wh_asdf1234')).toContain(hint)
    }
    expect(bytesOf('wh_asdf1234', 6)).toHaveLength(6)
  })
})

describe('an empty key', () => {
  test.each([
    [''],
    [' '],
    ['\n\t'],
    ['wh_'],
    ['whsec_'],
    ['v1,'],
    ['v1,wh_'],
    ['v1,whsec_'],
    ['whpk_'],
    ['whsk_'],
    ['='],
    ['=='],
    [new Uint8Array(0)],
    [Buffer.alloc(0)],
    [new Uint8Array(8).subarray(8)],
    [{ value: '', encoding: 'utf8' }],
    [{ value: '', encoding: 'hex' }],
    [{ value: '', encoding: 'base64' }],
    [{ value: ' ', encoding: 'hex' }],
    [{ value: ' ', encoding: 'base64' }],
    [{ value: 'wh_', encoding: 'base64' }],
  ])('%p is refused, whatever the minimum length', (secret) => {
    for (const minBytes of [undefined, 24, 1]) {
      expect(() => parseSecret(secret as Secret, minBytes)).toThrow(TypeError)
    }
  })
})

describe('values that are not a secret', () => {
  test.each([
    [0],
    [42],
    [true],
    [{}],
    [[]],
    [[1, 2, 3]],
    [{ value: 1, encoding: 'hex' }],
    [{ value: 'x'.repeat(40) }],
    [Symbol('x')],
    [() => 'x'],
    [new Date()],
    [new ArrayBuffer(32)],
  ])('%p', (secret) => {
    expect(messageOf(secret)).toContain('Uint8Array')
  })
  test.each<[string, unknown]>([
    ['undefined', process.env.NO_SUCH_VARIABLE],
    ['null', null],
    ['undefined', `${process.env.NO_SUCH_VARIABLE}`],
    ['empty', process.env.NO_SUCH_VARIABLE ?? ''],
    ['empty', ' \n'],
    ['empty', 'wh_'],
    ['empty', 'v1,whsec_\n'],
    ['empty', new Uint8Array(0)],
    ['empty', { value: '', encoding: 'utf8' }],
    ['undefined', { value: 'undefined', encoding: 'utf8' }],
  ])('a variable that is not set gets a hint: %s %p', (word, secret) => {
    for (const minBytes of [undefined, 1]) {
      expect(messageOf(secret, minBytes)).toBe(
        `the secret is ${word}: is the environment variable set?`,
      )
    }
  })
  test('a promise is named: it was not awaited', () => {
    expect(messageOf(Promise.resolve('x'))).toBe(
      "the secret must be a string, a Uint8Array or { value, encoding } with encoding 'utf8', 'hex' or 'base64', not Promise",
    )
  })
})

test('secretText drops white space and a leading v1,', () => {
  expect(secretText(' v1,whsec_abc\n')).toBe('whsec_abc')
  expect(secretText('wh_v1,abc')).toBe('wh_v1,abc')
})

describe('linear or fail', () => {
  test.each<[string, (size: number) => string]>([
    ['long', (size) => 'A'.repeat(size)],
    ['wrong at the end', (size) => `${'A'.repeat(size)}!`],
    ['padding', (size) => '='.repeat(size)],
    ['white space inside', (size) => `A${' '.repeat(size)}A`],
    ['both alphabets', (size) => `${'+'.repeat(size)}${'_'.repeat(size)}`],
  ])('%s', async (_, make) => {
    await expectLinear((size) => {
      const text = make(size)
      for (const secret of [text, { value: text, encoding: 'hex' as const }]) {
        try {
          parseSecret(secret)
        } catch {}
      }
    }, 500)
  })
})

describe('bytes that are all the same', () => {
  test.each<[string, unknown]>([
    ['zeros', new Uint8Array(32)],
    ['zeros in base64', `whsec_${'A'.repeat(43)}=`],
    ['zeros in hex', { value: '00'.repeat(24), encoding: 'hex' }],
    ['another byte', Buffer.alloc(64, 7)],
    ['a character', { value: 'x'.repeat(32), encoding: 'utf8' }],
    [
      'a character in base64',
      { value: Buffer.alloc(32, 'x').toString('base64'), encoding: 'base64' },
    ],
  ])('%s', (_, secret) => {
    for (const minBytes of [undefined, 1]) {
      expect(messageOf(secret, minBytes)).toContain('all bytes of the secret are the same')
    }
  })
  test('are so few, too: a zero is the empty key to HMAC', () => {
    for (const bytes of [Uint8Array.of(0), Uint8Array.of(0, 0), Uint8Array.of(5)]) {
      expect(() => parseSecret(bytes, 1)).toThrow(TypeError)
    }
    expect(bytesOf(Uint8Array.of(0, 5), 1)).toEqual([0, 5])
  })
})

describe('a secret that was not copied whole', () => {
  test.each([
    ['a character too many', `${SPELT}A`],
    ['a character too few', SPELT.slice(0, -3)],
    ['one too many, without padding', `${SPELT.slice(0, -1)}AA`],
    ['one too few of 24 bytes', SPELT.slice(0, 6 + 29)],
    ['one too many, with + and /', `wh_${'ab+/'.repeat(10)}a`],
    ['one too many, with - and _', `wh_${'ab-_'.repeat(10)}a`],
  ])('%s', (_, secret) => {
    expect(messageOf(secret)).toMatch(/not base64.*One is missing or too many/)
  })
  test('its characters are counted without prefix and padding', () => {
    expect(messageOf(`v1,${SPELT}A`)).toContain('its 44 characters do not make whole bytes')
    expect(messageOf(SPELT.slice(6, -3))).toContain('its 41 characters')
  })
  test.each([`${SPELT}"`, `"${SPELT}`, `${SPELT.slice(6)}-+`, `${SPELT} x`])(
    'odd characters, or those of both alphabets, are another thing: %p',
    (secret) => {
      expect(messageOf(secret)).toBe(
        "the secret is not base64: it has other characters in it. Copy it again, or use { value, encoding: 'utf8' } if the characters themselves are the key",
      )
    },
  )
  test.each(['abc', 'xy'.repeat(24), '0x'.repeat(24)])('%p is not hexadecimal', (value) => {
    expect(messageOf({ value, encoding: 'hex' })).toBe(
      'the secret must be hexadecimal: pairs of the digits 0-9 and a-f',
    )
  })
  test('18 bytes are said to be 18', () => {
    expect(messageOf('whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'.slice(0, 30))).toContain(
      '18 key bytes',
    )
  })
})
