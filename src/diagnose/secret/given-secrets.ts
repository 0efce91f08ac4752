import { encodeBase64 } from '../../base/bytes.js'
import { isWebhookError } from '../../base/errors.js'
import { materialOf } from '../../delivery/import-key.js'
import type {
  KeySet,
  Secret,
  SecretContext,
  SecretFunction,
  SecretInput,
  SecretSource,
  VerificationKey,
} from '../../delivery/types.js'

/** The secrets and keys that the `secret` option leads to. */
export interface GivenSecrets {
  readonly secrets: readonly Secret[]
  /** Keys of a source whose bytes are unknown. */
  readonly ownKeys: readonly VerificationKey[]
  /** All keys of a source, unchanged. */
  readonly keys?: KeySet['keys']
  /** Why there is no secret, as the detail of a finding. */
  readonly problem?: string
}

/** Takes every form of the `secret` option. A source is read once. */
export async function givenSecrets<Context extends SecretContext>(
  secret: SecretInput | SecretFunction<Context> | null | undefined,
  context: Context | undefined,
): Promise<GivenSecrets> {
  if (typeof secret !== 'function') return fromInput(secret, context)
  try {
    const found = await secret(context ?? ({} as Context))
    return found == null ? none('the secret function returned nothing') : fromInput(found, context)
  } catch {
    // The message is left out, because it may contain the secret.
    const hint = context ? '' : ' without a context; give diagnose the option context'
    return none(`the secret function threw an error${hint}`)
  }
}

function none(problem: string): GivenSecrets {
  return { secrets: [], ownKeys: [], problem }
}

function fromInput(
  input: SecretInput | null | undefined,
  context: SecretContext = {},
): GivenSecrets | Promise<GivenSecrets> {
  if (typeof (input as SecretSource | null | undefined)?.reread === 'function') {
    return fromSource(input as SecretSource, context)
  }
  // `undefined` if an environment variable is not set, although the types forbid it.
  const secrets = [input ?? []].flat() as Secret[]
  return { secrets, ownKeys: [] }
}

async function fromSource(source: SecretSource, context: SecretContext): Promise<GivenSecrets> {
  try {
    const { keys } = await source.read(context)
    const secrets: Secret[] = []
    const ownKeys: VerificationKey[] = []
    for (const key of keys) {
      const isSecret = typeof key !== 'object' || !('matches' in key)
      const material = isSecret ? undefined : materialOf(key)
      if (isSecret) secrets.push(key)
      else if (!material) ownKeys.push(key)
      else if (material.scheme === 'v1') secrets.push(material.bytes)
      else secrets.push(`whpk_${encodeBase64(material.bytes)}`)
    }
    return { secrets, ownKeys, keys }
  } catch (error) {
    const reason = isWebhookError(error) ? `: ${error.message}` : ''
    return none(`the source has no secret${reason}`)
  }
}
