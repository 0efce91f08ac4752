import type { AccountClientOptions } from '../../account/index.js'
import { createAccountClient } from '../../account/index.js'
import type { Terminal } from './terminal.js'

/** The account API's token and address, if there is a token. */
export function accountOptions({ env }: Terminal): AccountClientOptions | undefined {
  const token = env.COUNTERSIGN_ACCOUNT_TOKEN
  if (token === undefined || token.trim() === '') return undefined
  const baseUrl = env.COUNTERSIGN_ACCOUNT_URL?.trim() || undefined
  return { token, baseUrl }
}

/** The same for commands that cannot do without. */
export function requiredAccount(terminal: Terminal): AccountClientOptions {
  const options = accountOptions(terminal)
  if (options) return options
  throw new TypeError("COUNTERSIGN_ACCOUNT_TOKEN is not set: set it to the account's token")
}

/** The secrets of one variable. */
export function secretsIn({ env }: Terminal, name: string): string[] {
  return (env[name] ?? '').split(/\s+/).filter(Boolean)
}

/** The secrets to sign and verify with: the account's if there is a token, else those of `COUNTERSIGN_SECRET`. */
export async function currentSecrets(terminal: Terminal): Promise<string[]> {
  const account = accountOptions(terminal)
  if (account) return [await accountSecretText(account)]
  const secrets = secretsIn(terminal, 'COUNTERSIGN_SECRET')
  if (secrets.length > 0) return secrets
  throw new TypeError(
    "COUNTERSIGN_SECRET is not set: set it to the signing secret, or COUNTERSIGN_ACCOUNT_TOKEN to the account's token",
  )
}

export async function accountSecretText(account: AccountClientOptions): Promise<string> {
  const { info } = await createAccountClient(account).retrieve()
  const secret: unknown = info?.webhookEventsHmacSecret
  if (typeof secret === 'string' && secret !== '') return secret
  throw new TypeError('the account has no signing secret yet: issue one with countersign rotate')
}
