import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** The built command line. */
export const BIN = join(process.cwd(), 'dist/esm/src/cli/bin.js')

/** The built command line as a process of its own. */
export interface Program {
  readonly child: ChildProcess
  /** What it printed so far. */
  output(): string
  /** Resolves once the output has this in it. */
  shows(text: string | RegExp): Promise<string>
  /** Presses Ctrl-C and resolves to the exit code. */
  stop(): Promise<number>
}

export function startProgram(env: Record<string, string>, ...args: readonly string[]): Program {
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [BIN, ...args], { env: { PATH, ...env } })
  let output = ''
  const watchers = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const watch of watchers) watch()
    })
  }
  const ended = once(child, 'close')
  return {
    child,
    output: () => output,
    async shows(text) {
      const isShown = (): boolean =>
        typeof text === 'string' ? output.includes(text) : text.test(output)
      await new Promise<void>((resolve, reject) => {
        function watch(): void {
          if (!isShown()) return
          watchers.delete(watch)
          resolve()
        }
        watchers.add(watch)
        watch()
        ended.then(() => reject(new Error(`it ended and printed\n${output}`)))
      })
      return output
    },
    async stop() {
      child.kill('SIGINT')
      const [code] = await ended
      return code
    },
  }
}

/** Runs a command to its end. */
export async function runProgram(
  env: Record<string, string>,
  ...args: readonly string[]
): Promise<{ code: number | null; output: string }> {
  const { child, output } = startProgram(env, ...args)
  const [code] = await once(child, 'close')
  return { code, output: output() }
}

export interface RunningListener extends Program {
  readonly url: string
}

export async function startListener(
  env: Record<string, string>,
  ...args: readonly string[]
): Promise<RunningListener> {
  const program = startProgram(
    env,
    'listen',
    ...(args.includes('--port') ? [] : ['--port', '0']),
    ...args,
  )
  const output = await program.shows('Ctrl-C ends it')
  return { ...program, url: output.match(/Listening +(\S+)/)?.[1] ?? '' }
}
