import { keyIdOf } from '../delivery/key-id.js'
import { generateSecret } from '../sign.js'
import { defineCommand } from './frame/command.js'
import { currentSecrets } from './frame/environment.js'

export const secretCommand = defineCommand({
  summary: 'Prints a new random secret, or the fingerprint of the configured one.',
  options: {
    fingerprint: {
      help: 'Print the fingerprint of the configured secret, to compare with keyId in logs.',
    },
    json: { help: 'Print JSON.' },
  },
  async run({ fingerprint, json }, terminal) {
    if (!fingerprint) {
      const secret = generateSecret()
      terminal.print(json ? JSON.stringify({ secret }) : secret)
      return 0
    }
    const keyIds = await Promise.all((await currentSecrets(terminal)).map(keyIdOf))
    terminal.print(json ? JSON.stringify({ keyIds }) : keyIds.join('\n'))
    return 0
  },
})
