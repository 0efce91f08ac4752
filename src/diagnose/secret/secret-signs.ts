import { parseSecret, secretText } from '../../delivery/secrets.js'
import type { Secret } from '../../delivery/types.js'
import type { Captured } from '../capture.js'
import { type Finding, finding } from '../finding.js'
import { meant } from './misreadings.js'

/** Secrets that the verifier would refuse. What a source hands over has been accepted already. */
export function unusableSecrets({ secrets, problem, keys, minBytes }: Captured): Finding[] {
  if (keys?.length) return []
  if (problem !== undefined || secrets.length === 0) {
    return [finding('secret_unusable', 'certain', problem ?? 'there is none')]
  }
  return secrets.flatMap((secret) => problemOf(secret, minBytes))
}

function problemOf(secret: Secret, minBytes: number): Finding[] {
  try {
    parseSecret(secret, minBytes)
    return []
  } catch (error) {
    const isPrivate = typeof secret === 'string' && secretText(secret).startsWith('whsk_')
    if (isPrivate) return [finding('secret_is_private_key', 'certain')]
    const length = meant(secret)?.bytes.length
    if (length !== undefined) {
      return [finding('secret_too_short', 'certain', `it has ${length} key bytes`)]
    }
    const problem = error instanceof Error ? error.message : 'it cannot be read'
    return [finding('secret_unusable', 'certain', problem)]
  }
}
