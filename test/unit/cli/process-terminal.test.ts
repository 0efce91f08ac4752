import childProcess from 'node:child_process'
import { EventEmitter } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { processTerminal } from '../../../src/cli/process-terminal.js'

let folder: string
const restore: (() => void)[] = []

/** Gives a member of an object another value until the test ends. */
function set(target: object, name: string, value: unknown): void {
  const before = Object.getOwnPropertyDescriptor(target, name)
  Object.defineProperty(target, name, { value, configurable: true, writable: true })
  restore.push(() => {
    if (before) Object.defineProperty(target, name, before)
    else Reflect.deleteProperty(target, name)
  })
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-terminal-'))
  const listeners = [process.stdout, process.stderr].map((stream) => stream.listeners('error'))
  restore.push(() => {
    for (const [i, stream] of [process.stdout, process.stderr].entries()) {
      for (const listener of stream.listeners('error')) {
        if (!listeners[i]?.includes(listener)) stream.off('error', listener as () => void)
      }
    }
  })
  restore.push(() => process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM'))
})
afterEach(() => {
  for (const undo of restore.splice(0).reverse()) undo()
  jest.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

describe('a terminal', () => {
  function terminalOf(env: Record<string, string>, isTTY: boolean | undefined) {
    set(process, 'env', env)
    set(process.stdout, 'isTTY', isTTY)
    set(process.stderr, 'isTTY', isTTY)
    return processTerminal()
  }

  test.each([
    [{}, true, true],
    [{ NO_COLOR: '' }, true, true],
    [{ NO_COLOR: '1' }, true, false],
    [{ TERM: 'dumb' }, true, false],
    [{ TERM: 'xterm' }, true, true],
    [{}, undefined, false],
  ])('with %j, a terminal: %p, has colours: %p', (env, isTTY, isColourful) => {
    expect(terminalOf(env as never, isTTY).isColourful).toBe(isColourful)
  })

  test('draws progress over the line before, on standard error', () => {
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true)
    terminalOf({}, true).progress?.('half')
    expect(write).toHaveBeenCalledWith('\r\u001b[Khalf')
    expect(terminalOf({}, undefined).progress).toBeUndefined()
    set(process.stdout, 'isTTY', true)
    expect(processTerminal().progress).toBeUndefined()
  })

  test('prints lines, messages to standard error', () => {
    const written: unknown[] = []
    for (const [name, stream] of [
      ['out', process.stdout],
      ['err', process.stderr],
    ] as const) {
      jest.spyOn(stream, 'write').mockImplementation((text) => written.push([name, text]) > 0)
    }
    const terminal = processTerminal()
    terminal.print('a')
    terminal.printError('b')
    expect(written).toEqual([
      ['out', 'a\n'],
      ['err', 'b\n'],
    ])
  })
})

describe('input', () => {
  test('is read from a file, or from standard input byte for byte', async () => {
    writeFileSync(join(folder, 'file'), 'text')
    const bytes = [Buffer.of(0xff, 0), Buffer.of(0x0a)]
    set(process, 'stdin', Readable.from(bytes))
    const terminal = processTerminal()
    expect(String(await terminal.readFile(join(folder, 'file')))).toBe('text')
    expect(Buffer.from(await terminal.readFile('-'))).toEqual(Buffer.concat(bytes))
  })

  test.each([
    ['y\n', 'y'],
    ['', ''],
  ])('answers a question with %j', async (typed, answer) => {
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true)
    const stdin = Object.assign(new PassThrough(), { isTTY: true })
    set(process, 'stdin', stdin)
    const asked = processTerminal().ask?.('Sure? ')
    // Ctrl-D is an end without a line.
    if (typed) stdin.write(typed)
    else stdin.end()
    expect(await asked).toBe(answer)
    expect(write.mock.calls.join('')).toContain('Sure? ')
    expect(stdin.isPaused()).toBe(true)
  })

  test('of a pipe answers nothing', () => {
    set(process, 'stdin', new PassThrough())
    expect(processTerminal().ask).toBeUndefined()
  })
})

describe('the end', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s is asked for once, and ends the command',
    (name) => {
      const terminal = processTerminal()
      expect(process.listenerCount(name)).toBe(0)
      const { signal } = terminal
      expect(terminal.signal).toBe(signal)
      expect(process.listenerCount(name)).toBe(1)
      expect(signal.aborted).toBe(false)
      process.emit(name)
      expect(signal.aborted).toBe(true)
      // The next one ends the process.
      expect(process.listenerCount(name)).toBe(0)
    },
  )

  test('of the reader of standard output is like Ctrl-C, and any other failure of it ends the process', () => {
    const exit = jest.spyOn(process, 'exit').mockImplementation((() => {}) as never)
    const terminal = processTerminal()
    const fail = process.stdout.listeners('error').at(-1) as (error: object) => void
    fail({ code: 'EPIPE' })
    expect(exit).not.toHaveBeenCalled()
    expect(terminal.signal.aborted).toBe(true)
    fail({ code: 'EIO' })
    expect(exit).toHaveBeenCalledWith(2)
    const ignore = process.stderr.listeners('error').at(-1) as (error: object) => void
    expect(() => ignore({ code: 'EPIPE' })).not.toThrow()
  })
})

describe('the package', () => {
  test('is found from the program, also over a link', async () => {
    const bin = join(folder, 'package/dist/esm/src/cli')
    mkdirSync(bin, { recursive: true })
    mkdirSync(join(folder, 'package/dist/page'))
    writeFileSync(join(bin, 'bin.js'), '')
    writeFileSync(join(folder, 'package/package.json'), '{"version":"7.8.9"}')
    writeFileSync(join(folder, 'package/dist/page/index.html'), '<p>')
    symlinkSync(join(bin, 'bin.js'), join(folder, 'countersign'))
    set(process, 'argv', [process.execPath, join(folder, 'countersign')])
    const terminal = processTerminal()
    expect(await terminal.version()).toBe('7.8.9')
    expect(await terminal.page()).toBe('<p>')
  })
})

describe('the browser', () => {
  test.each([
    ['linux', 'xdg-open', []],
    ['freebsd', 'xdg-open', []],
    ['darwin', 'open', []],
    ['win32', 'cmd', ['/c', 'start', '']],
  ])(
    'is opened as %s does it, and one that is not there is no failure',
    (platform, command, args) => {
      const child = Object.assign(new EventEmitter(), { unref: jest.fn() })
      const spawn = jest.spyOn(childProcess, 'spawn').mockReturnValue(child as never)
      set(process, 'platform', platform)
      processTerminal().open('http://127.0.0.1:4100/')
      const options = { stdio: 'ignore', detached: true }
      expect(spawn.mock.calls).toEqual([[command, [...args, 'http://127.0.0.1:4100/'], options]])
      // The command line can end before the browser does.
      expect(child.unref).toHaveBeenCalledTimes(1)
      expect(() => child.emit('error', new Error('ENOENT'))).not.toThrow()
    },
  )
})
