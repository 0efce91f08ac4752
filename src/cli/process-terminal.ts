import { spawn } from 'node:child_process'
import { readFile, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { Terminal } from './frame/terminal.js'

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { env, stdin, stdout, stderr } = process
  const interruption = new AbortController()
  leaveQuietly(interruption)
  return {
    env,
    readFile: (path) => (path === '-' ? readInput() : readFile(path)),
    print: (text) => stdout.write(`${text}\n`),
    printError: (text) => stderr.write(`${text}\n`),
    isColourful: stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb',
    progress: stderr.isTTY ? (text) => stderr.write(`\r\x1b[K${text}`) : undefined,
    ask: stdin.isTTY ? ask : undefined,
    get signal() {
      return interrupted(interruption)
    },
    version: async () => JSON.parse(await readFile(await fromRoot('package.json'), 'utf8')).version,
    page: async () => readFile(await fromRoot('dist/page/index.html'), 'utf8'),
    open,
  }
}

/** A pipe whose reader has gone, as in `countersign listen | head -1`, is like Ctrl-C and not a crash. What was found out stays the exit code. */
function leaveQuietly(interruption: AbortController): void {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.exit(2)
    interruption.abort()
  })
  // Nobody is left who could be told.
  process.stderr.on('error', () => {})
}

/** The first Ctrl-C ends the command in good order, the second one at once. A command that never asks for the signal ends with the first. */
function interrupted(interruption: AbortController): AbortSignal {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    if (process.listenerCount(signal) === 0) process.once(signal, () => interruption.abort())
  }
  return interruption.signal
}

async function readInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of process.stdin) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // Ctrl-D is an answer, too: none.
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
  try {
    return await Promise.race([lines.question(question), closed])
  } finally {
    lines.close()
  }
}

/** A path within the package. The program is known by the path it was started with, which may be a link. */
async function fromRoot(path: string): Promise<string> {
  return join(dirname(await realpath(process.argv[1] ?? '')), '../../../..', path)
}

const OPENERS: Readonly<Record<string, readonly string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}

function open(url: string): void {
  const [command = 'xdg-open', ...args] = OPENERS[process.platform] ?? ['xdg-open']
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true })
  // A machine without a browser: the address is printed anyway.
  child.on('error', () => {})
  child.unref()
}
