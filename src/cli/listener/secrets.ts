import { accountSecret } from '../../account/index.js'
import { keyIdOf } from '../../delivery/key-id.js'
import type { SecretInput } from '../../delivery/types.js'
import { generateSecret } from '../../sign.js'
import {
  accountOptions,
  accountSecretText,
  currentSecrets,
  secretsIn,
} from '../frame/environment.js'
import type { Terminal } from '../frame/terminal.js'

/** What the listener verifies with. */
export interface ListenerSecrets {
  readonly secret: SecretInput
  /** The same as text, to sign and to diagnose with. */
  readonly current: () => Promise<readonly string[]>
  /** One or two lines about it. They hold no secret but one that was made for this run. */
  readonly lines: readonly string[]
  readonly close: () => void
}

/** The account's secret with a token, else `COUNTERSIGN_SECRET`, else a new one. Throws if what is configured cannot be used. */
export async function listenerSecrets(
  terminal: Terminal,
  onNote: (text: string) => void,
): Promise<ListenerSecrets> {
  if (accountOptions(terminal)) return fromAccount(terminal, onNote)
  const configured = secretsIn(terminal, 'COUNTERSIGN_SECRET')
  const secrets = configured.length > 0 ? configured : [generateSecret()]
  const keyIds = (await Promise.all(secrets.map(keyIdOf))).join(', ')
  const lines =
    configured.length > 0
      ? [`Key         ${keyIds} (COUNTERSIGN_SECRET)`]
      : [
          `Key         ${keyIds} (made for this run, since neither COUNTERSIGN_SECRET nor COUNTERSIGN_ACCOUNT_TOKEN is set)`,
          `Secret      ${secrets[0]}`,
        ]
  return { secret: secrets, current: async () => secrets, lines, close() {} }
}

async function fromAccount(
  terminal: Terminal,
  onNote: (text: string) => void,
): Promise<ListenerSecrets> {
  const options = accountOptions(terminal)
  if (!options) throw new TypeError('there is no token')
  // A wrong token is said at the start, and not with the first delivery.
  const keyIds = await Promise.all((await currentSecrets(terminal)).map(keyIdOf))
  const source = accountSecret({
    ...options,
    onRotate: ({ keyIds }) => onNote(`the account has a new signing key: ${keyIds.join(', ')}`),
    onError: (error) => onNote(`the account's secret could not be read: ${Object(error).message}`),
  })
  const current = cached(async () => [await accountSecretText(options)])
  return {
    secret: source,
    current,
    lines: [`Key         ${keyIds.join(', ')} (the account's; rotations are followed)`],
    close: () => source.close(),
  }
}

/** Asks the account at most every ten seconds. */
function cached(read: () => Promise<readonly string[]>): () => Promise<readonly string[]> {
  let known: { at: number; value: Promise<readonly string[]> } | undefined
  return () => {
    if (!known || Date.now() - known.at > 10_000) known = { at: Date.now(), value: read() }
    return known.value
  }
}
