import { describe, expect, test } from '@jest/globals'
import type { Command } from '../../../../src/cli/frame/command.js'
import { accountOptions, currentSecrets, secretsIn } from '../../../../src/cli/frame/environment.js'
import { describeFailure, describeFile } from '../../../../src/cli/frame/failures.js'
import { helpOf, helpOfAll } from '../../../../src/cli/frame/help.js'
import { didYouMean, nearMiss } from '../../../../src/cli/frame/near-miss.js'
import { paint } from '../../../../src/cli/frame/terminal.js'
import { httpUrl, seconds, time, wholeNumber } from '../../../../src/cli/frame/values.js'
import { testTerminal } from '../../../support/test-terminal.js'

describe('the environment', () => {
  const SECRET = 'COUNTERSIGN_SECRET'

  test('holds several secrets, between any white space', async () => {
    const terminal = testTerminal({ [SECRET]: ' a  b\n\tc ' })
    expect(secretsIn(terminal, SECRET)).toEqual(['a', 'b', 'c'])
    expect(await currentSecrets(terminal)).toEqual(['a', 'b', 'c'])
    expect(secretsIn(terminal, 'COUNTERSIGN_PREVIOUS_SECRET')).toEqual([])
  })

  test.each([{}, { [SECRET]: '' }, { [SECRET]: ' \n' }, { COUNTERSIGN_ACCOUNT_TOKEN: ' ' }])(
    '%p has no secret',
    (env) =>
      expect(currentSecrets(testTerminal(env as never))).rejects.toThrow(
        'COUNTERSIGN_SECRET is not set',
      ),
  )

  test('names the account API only if it is another one', () => {
    const token = { COUNTERSIGN_ACCOUNT_TOKEN: 't' }
    for (const url of [undefined, '', '  ']) {
      const env = { ...token, COUNTERSIGN_ACCOUNT_URL: url } as never
      expect(accountOptions(testTerminal(env))).toEqual({ token: 't', baseUrl: undefined })
    }
    const env = { ...token, COUNTERSIGN_ACCOUNT_URL: ' http://localhost:1 ' }
    expect(accountOptions(testTerminal(env))?.baseUrl).toBe('http://localhost:1')
  })
})

describe('a failure', () => {
  test.each([
    ['ENOENT', 'there is no such file'],
    ['EISDIR', 'it is a folder'],
    ['ENOTDIR', 'a part of its path is not a folder'],
    ['EACCES', 'you may not read or write it'],
    ['EPERM', 'you may not read or write it'],
    ['EROFS', 'read-only'],
    ['ENOSPC', 'the disk is full'],
  ])('of a file (%s) is said in words, with the path', (code, words) => {
    const error = Object.assign(new Error('raw'), { code, path: '/a\u0007' })
    expect(describeFailure(error)).toMatch(new RegExp(`^/a\\\\u0007: .*${words}`))
    expect(describeFile('/b', error)).toMatch(new RegExp(`^/b: .*${words}`))
    expect(describeFile('-', error)).toMatch(/^standard input: /)
    // The same code of something that is no file.
    expect(describeFailure(Object.assign(new Error('raw'), { code }))).toBe('raw')
  })

  test('of another kind is its message, on one line that no terminal acts upon', () => {
    expect(describeFailure(new Error('a\u001b[2J\nb'))).toBe('a\\u001b[2J\\u000ab')
    expect(describeFailure(new Error(''))).toBe('Error')
    expect(describeFailure('text')).toBe('text')
    expect(describeFailure(undefined)).toBe('undefined')
    expect(describeFile('/a', new Error('odd'))).toBe('/a: odd')
  })
})

describe('help', () => {
  const command: Command = {
    summary: 'Does it.',
    words: ['URL'],
    options: { body: { value: 'FILE', help: 'The body.' }, json: { help: 'JSON.' } },
    notes: ['One.', 'Two.'],
    run: async () => 0,
  }

  test('of a command shows its words, its options in columns and its notes', () => {
    expect(helpOf('do', command)).toBe(
      [
        'Usage: countersign do URL [options]',
        '',
        'Does it.',
        '',
        '  --body FILE  The body.',
        '  --json       JSON.',
        '  --help       Show this help.',
        '',
        'One.',
        '',
        'Two.',
      ].join('\n'),
    )
  })

  test('of all shows each command, each variable and the exit codes', () => {
    const text = helpOfAll({ do: command, longer: command })
    expect(text).toContain('\n  do      Does it.\n  longer  Does it.\n')
    for (const name of ['ACCOUNT_TOKEN', 'ACCOUNT_URL', 'SECRET', 'PREVIOUS_SECRET']) {
      expect(text).toMatch(new RegExp(`^  COUNTERSIGN_${name} `, 'm'))
    }
    expect(text).toContain('0 yes, 1 no, 2 the command could not run')
  })
})

describe('a near miss', () => {
  const known = ['verify', 'diagnose', 'sign', 'send', 'secret', 'id', 'tolerance']

  test.each([
    ['verfy', 'verify'],
    ['VERIFY', 'verify'],
    ['evrify', 'verify'],
    ['snd', 'send'],
    ['sgin', 'sign'],
    ['ie', 'id'],
    ['toleranz', 'tolerance'],
    ['tloernace', 'tolerance'],
    ['diag', 'diagnose'],
    ['ver', 'verify'],
    ['secrets', 'secret'],
    ['xyzzy', undefined],
    ['v', undefined],
    ['doe', undefined],
    ['', undefined],
    ['verifyverifyverifyverifyverifyverifyverify', undefined],
  ])('%p stands for %p', (name, expected) => {
    expect(nearMiss(name, known)).toBe(expected)
  })

  test('is the nearest one', () => {
    expect(nearMiss('sand', ['sandy', 'sand'])).toBe('sand')
    expect(nearMiss('abcdef', ['abcdxy', 'abcdey'])).toBe('abcdey')
  })

  test('is a question, or nothing', () => {
    expect(didYouMean('boody', ['body'], '--')).toBe(' Did you mean --body?')
    expect(didYouMean('xyzzy', ['body'])).toBe('')
  })
})

test('colours are the ones of terminals, and end', () => {
  const terminal = testTerminal()
  expect(paint(terminal, 'red', 'x')).toBe('x')
  terminal.isColourful = true
  const painted = (['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const).map((style) =>
    paint(terminal, style, 'x'),
  )
  expect(painted).toEqual([1, 2, 31, 32, 33, 36].map((code) => `\u001b[${code}mx\u001b[0m`))
})

describe('values', () => {
  const limits = { min: 1, max: 10, byDefault: 4 }
  test.each([
    [undefined, 4],
    ['1', 1],
    ['10', 10],
  ])('the whole number %p', (text, value) => {
    expect(wholeNumber('n', text, limits)).toBe(value)
  })
  test.each(['0', '11', '-1', '1.5', '', ' 1', '1e1', '0x1', '9'.repeat(16)])(
    'is not %p',
    (text) => {
      expect(() => wholeNumber('n', text, limits)).toThrow(
        '--n must be a whole number from 1 to 10',
      )
    },
  )

  test.each([
    [undefined, undefined],
    ['0', 0],
    ['300', 300],
    ['0.25', 0.25],
  ])('seconds: %p', (text, value) => {
    expect(seconds('t', text)).toBe(value)
  })
  test.each(['', '-1', '1.', '.5', '1e3', '1 ', '1'.repeat(11), '5m'])(
    'seconds are not %p',
    (text) => {
      expect(() => seconds('t', text)).toThrow('--t must be a number of seconds')
    },
  )

  test.each([
    ['1700000000', 1_700_000_000_000],
    ['100000000', 100_000_000_000],
    ['99999999999', 99_999_999_999_000],
    ['2026-01-31T12:00:00Z', Date.UTC(2026, 0, 31, 12)],
  ])('the time %p', (text, milliseconds) => {
    expect(time('now', text)?.getTime()).toBe(milliseconds)
  })
  test('a time that is not given is none, and one that cannot be read is refused', () => {
    expect(time('now', undefined)).toBeUndefined()
    expect(() => time('now', 'soon')).toThrow('--now must be seconds since the epoch')
  })

  test.each(['http://a:b@localhost/', 'http://a@localhost/', 'https://:b@localhost/'])(
    'an address holds no user and no password',
    (text) => {
      expect(() => httpUrl('the URL', text)).toThrow('must not hold a user or a password')
    },
  )
  test.each([undefined, '', 'localhost:3000', 'ftp://localhost/', 'file:///etc/passwd'])(
    '%p is no address',
    (text) => {
      expect(() => httpUrl('the URL', text)).toThrow('the URL must be an http or https address')
    },
  )
  test('an address may be https', () => {
    expect(httpUrl('the URL', 'https://localhost/a?b').href).toBe('https://localhost/a?b')
  })
})
