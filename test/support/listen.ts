import { type TestTerminal, testTerminal } from './test-terminal.js'

/** `countersign listen` within this process. */
export interface Listener {
  readonly terminal: TestTerminal
  readonly url: string
  /** Lines about deliveries, once there are so many. */
  lines(count: number): Promise<string[]>
  /** Presses Ctrl-C and resolves to the exit code. */
  close(): Promise<number>
}

export async function startListen(
  env: Record<string, string>,
  ...args: readonly string[]
): Promise<Listener> {
  const terminal = testTerminal(env)
  const page = '<title>page</title><style>a{}</style><script type="module">1</script>'
  const ended = Object.assign(terminal, { page: async () => page }).run(
    'listen',
    '--port',
    '0',
    ...args,
  )
  const banner = (): string[] => [...terminal.printed, ...terminal.errors]
  await until(() => banner().some((line) => line.startsWith('Ctrl-C')), ended)
  const url =
    banner()
      .join('\n')
      .match(/Listening +(\S+)/)?.[1] ?? ''
  const start = terminal.printed.length
  return {
    terminal,
    url,
    async lines(count) {
      await until(() => terminal.printed.length - start >= count, ended)
      return terminal.printed.slice(start)
    },
    close() {
      terminal.interrupt()
      return ended
    },
  }
}

/** Looks again in every turn of the event loop; what ends the program ends the wait. */
async function until(isSo: () => boolean, ended: Promise<unknown>): Promise<void> {
  let hasEnded = false
  ended.then(() => {
    hasEnded = true
  })
  while (!isSo() && !hasEnded) await new Promise((resolve) => setTimeout(resolve, 5))
  if (!isSo()) throw new Error('the listener has ended')
}
