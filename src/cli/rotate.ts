import { createAccountClient } from '../account/index.js'
import { keyIdOf } from '../delivery/key-id.js'
import { defineCommand } from './frame/command.js'
import { accountSecretText, requiredAccount } from './frame/environment.js'

export const rotateCommand = defineCommand({
  summary: "Issues a new signing key for the token's account.",
  options: {
    yes: { help: 'Do not ask first. Needed if standard input is not a terminal.' },
    'print-secret': { help: 'Print the new secret as well.' },
    json: { help: 'Print JSON.' },
  },
  notes: [
    'The account holds the new key only. A receiver with accountSecret() follows by itself and keeps the old key for its overlap.',
  ],
  async run({ yes, 'print-secret': isShown, json }, terminal) {
    const account = requiredAccount(terminal)
    const client = createAccountClient(account)
    if (!yes && !(await isSure(terminal.ask))) return 1
    const { webhookEventsHmacSecret } = await client.rotateWebhookSigningKey()
    const secret = webhookEventsHmacSecret || (await accountSecretText(account))
    const keyId = await keyIdOf(secret)
    if (json) terminal.print(JSON.stringify({ keyId, ...(isShown && { secret }) }))
    else {
      terminal.print(`new signing key: ${keyId}`)
      if (isShown) terminal.print(secret)
    }
    return 0
  },
})

async function isSure(ask: ((question: string) => Promise<string>) | undefined): Promise<boolean> {
  if (!ask) {
    throw new TypeError('rotate replaces the signing key of the account: confirm it with --yes')
  }
  const answer = await ask('Replace the signing key of the account? The old one is gone. [y/N] ')
  return /^y(es)?$/i.test(answer.trim())
}
