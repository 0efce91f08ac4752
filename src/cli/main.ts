import { COMMANDS } from './commands.js'
import { parseArguments } from './frame/arguments.js'
import type { Command } from './frame/command.js'
import { describeFailure } from './frame/failures.js'
import { helpOf, helpOfAll } from './frame/help.js'
import { didYouMean } from './frame/near-miss.js'
import type { Terminal } from './frame/terminal.js'

/** Runs one command and resolves to its exit code: 0 for yes, 1 for no, 2 if it could not run. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await run(args, terminal)
  } catch (error) {
    terminal.printError(`countersign: ${describeFailure(error)}`)
    return 2
  }
}

async function run([name = 'help', ...rest]: readonly string[], terminal: Terminal) {
  if (name === '--version' || name === '-v' || name === 'version') {
    terminal.print(await terminal.version())
    return 0
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    const [topic] = rest
    terminal.print(topic === undefined ? helpOfAll(COMMANDS) : helpOf(topic, commandOf(topic)))
    return 0
  }
  const command = commandOf(name)
  const { values, words, help } = parseArguments(name, command, rest)
  if (!help) return command.run(values, terminal, words)
  terminal.print(helpOf(name, command))
  return 0
}

function commandOf(name: string): Command {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command) return command
  if (name.startsWith('-')) {
    throw new TypeError(
      'the command comes first: countersign COMMAND [options]; see countersign --help',
    )
  }
  // The word is not repeated: it may be a secret.
  throw new TypeError(
    `there is no such command.${didYouMean(name, Object.keys(COMMANDS))} See countersign --help`,
  )
}
