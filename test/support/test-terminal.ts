import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Terminal } from '../../src/cli/frame/terminal.js'
import { main } from '../../src/cli/main.js'

/** A terminal for tests: what is printed is kept, files are in memory or on disk. */
export interface TestTerminal extends Terminal {
  env: Record<string, string | undefined>
  readonly printed: string[]
  readonly errors: string[]
  /** What was drawn as progress, in order. */
  readonly drawn: string[]
  readonly opened: string[]
  files: Record<string, string | Uint8Array>
  ask?: ((question: string) => Promise<string>) | undefined
  progress?: ((text: string) => void) | undefined
  isColourful: boolean
  /** Presses Ctrl-C. */
  interrupt(): void
  /** Runs the command line. */
  run(...args: readonly string[]): Promise<number>
}

export function testTerminal(env: Record<string, string> = {}): TestTerminal {
  const controller = new AbortController()
  const terminal: TestTerminal = {
    env,
    printed: [],
    errors: [],
    drawn: [],
    opened: [],
    files: {},
    isColourful: false,
    signal: controller.signal,
    interrupt: () => controller.abort(),
    async readFile(path) {
      const file = terminal.files[path]
      return file === undefined ? readFile(path) : Buffer.from(file)
    },
    print: (text) => terminal.printed.push(text),
    printError: (text) => terminal.errors.push(text),
    open: (url) => terminal.opened.push(url),
    version: async () => '1.2.3',
    page: () => readFile(join(process.cwd(), 'dist/page/index.html'), 'utf8'),
    run: (...args) => main(args, terminal),
  }
  return terminal
}
