import { encodeBase64 } from '../../base/bytes.js'
import { isWebhookError } from '../../base/errors.js'
import { materialOf } from '../../delivery/signature.js'
import type {
  KeySet,
  Secret,
  SecretContext,
  SecretFunction,
  SecretInput,
  SecretSource,
  VerificationKey,
} from '../../delivery/types.js'

/** What stands behind the `secret` option. */
export interface GivenSecrets {
  readonly secrets: readonly Secret[]
  /** Keys of a source whose bytes are not known here. */
  readonly ownKeys: readonly VerificationKey[]
  /** All keys of a source, as it hands them over. */
  readonly keys?: KeySet['keys']
  /** Why there is none, in the words of a finding. */
  readonly problem?: string
}

const NONE = { secrets: [], ownKeys: [] }

/** The secrets behind everything that the `secret` option takes; a source is asked for what it knows now. */
export async function givenSecrets<Context extends SecretContext>(
  secret: SecretInput | SecretFunction<Context> | null | undefined,
  context: Context | undefined,
): Promise<GivenSecrets> {
  let input = secret
  if (typeof input === 'function') {
    try {
      input = await input(context ?? ({} as Context))
    } catch {
      // No message: it may hold what the function read.
      const hint = context ? '' : ' without a context; give diagnose the option context'
      return { ...NONE, problem: `the secret function threw an error${hint}` }
    }
    if (input === undefined || input === null)
      return { ...NONE, problem: 'the secret function returned nothing' }
  }
  if (isSource(input)) return fromSource(input, context ?? {})
  if (Array.isArray(input)) return { secrets: input, ownKeys: [] }
  // An environment variable that is not set, whatever the types say.
  return input === undefined || input === null ? NONE : { secrets: [input as Secret], ownKeys: [] }
}

function isSource(input: unknown): input is SecretSource {
  return typeof (input as SecretSource | null | undefined)?.reread === 'function'
}

async function fromSource(source: SecretSource, context: SecretContext): Promise<GivenSecrets> {
  try {
    return sortOut((await source.read(context)).keys)
  } catch (error) {
    const reason = isWebhookError(error) ? `: ${error.message}` : ''
    return { ...NONE, problem: `the source has no secret${reason}` }
  }
}

function sortOut(keys: KeySet['keys']): GivenSecrets {
  const secrets: Secret[] = []
  const ownKeys: VerificationKey[] = []
  for (const key of keys) {
    if (typeof key !== 'object' || !('matches' in key)) secrets.push(key)
    else {
      const material = materialOf(key)
      if (!material) ownKeys.push(key)
      else if (material.scheme === 'v1') secrets.push(material.bytes)
      else secrets.push(`whpk_${encodeBase64(material.bytes)}`)
    }
  }
  return { secrets, ownKeys, keys }
}
