import { parseSecret, secretText } from '../../delivery/secrets.js'
import type { Secret } from '../../delivery/types.js'
import type { Captured } from '../capture.js'
import { type Finding, finding, findingsOf, type Sign } from '../finding.js'
import { meant } from './misreadings.js'

/** Secrets that a verifier refuses. The keys of a source are usable. */
export function unusableSecrets(captured: Captured): Finding[] {
  const { secrets, problem, keys, minSecretBytes } = captured
  if (keys?.length) return []
  if (problem !== undefined || secrets.length === 0) {
    return [finding('secret_unusable', 'certain', problem ?? 'there is none')]
  }
  return secrets.flatMap((secret) => problemOf(secret, minSecretBytes))
}

function problemOf(secret: Secret, minSecretBytes: number): Finding[] {
  try {
    parseSecret(secret, minSecretBytes)
    return []
  } catch (error) {
    const length = meant(secret)?.bytes.length
    const isPrivate = typeof secret === 'string' && secretText(secret).startsWith('whsk_')
    const problem = error instanceof Error ? error.message : 'it cannot be read'
    const signs: Sign[] = [
      [isPrivate, 'secret_is_private_key'],
      [length !== undefined, 'secret_too_short', `it has ${length} key bytes`],
      [true, 'secret_unusable', problem],
    ]
    return findingsOf('certain', signs).slice(0, 1)
  }
}
