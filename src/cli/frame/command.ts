import type { Terminal } from './terminal.js'

/** One option of a command, and its line in `--help`. */
export interface CommandOption {
  /** What the help calls its value, such as `FILE`. An option without one is a switch. */
  readonly value?: string
  readonly help: string
}

export type Options = Readonly<Record<string, CommandOption>>

/** The options given, by name. */
export type ValuesOf<O extends Options> = {
  readonly [K in keyof O]?: O[K] extends { readonly value: string } ? string : true
}

interface Definition<O extends Options, Values> {
  /** One line for the list of commands. */
  readonly summary: string
  /** What stands behind the name, such as `URL`. */
  readonly words?: readonly string[]
  readonly options: O
  /** Paragraphs below the options. */
  readonly notes?: readonly string[]
  /** Resolves to the exit code: 0 for yes, 1 for no. Rejects if the command cannot run: that is exit code 2. */
  run(values: Values, terminal: Terminal, words: readonly string[]): Promise<number>
}

/** A command as the table holds it, whatever its options are. */
export type Command = Definition<Options, Readonly<Record<string, string | true>>>

/** Types `run` by the options. */
export function defineCommand<const O extends Options>(
  command: Definition<O, ValuesOf<O>>,
): Command {
  // The parser hands each command only values of its own options.
  return command as unknown as Command
}
