import { parseSecret, secretText } from '../../delivery/secrets.js'
import type { Secret } from '../../delivery/types.js'
import type { Captured } from '../capture.js'
import { type Finding, finding } from '../finding.js'
import { meant } from './misreadings.js'

/** Secrets that the verifier would refuse. What a source hands over has been accepted already. */
export function unusableSecrets({ secrets, problem, keys, minBytes }: Captured): Finding[] {
  if (keys?.length) return []
  if (problem !== undefined || secrets.length === 0) {
    return [finding('secret_unusable', 'certain', { detail: problem ?? 'there is none' })]
  }
  return secrets.flatMap((secret) => {
    const problem = problemOf(secret, minBytes)
    if (problem === undefined) return []
    if (isPrivateKey(secret)) return [finding('secret_is_private_key', 'certain')]
    const length = meant(secret)?.bytes.length
    return [
      length === undefined
        ? finding('secret_unusable', 'certain', { detail: problem })
        : finding('secret_too_short', 'certain', { detail: `it has ${length} key bytes` }),
    ]
  })
}

function isPrivateKey(secret: Secret): boolean {
  return typeof secret === 'string' && secretText(secret).startsWith('whsk_')
}

function problemOf(secret: Secret, minBytes: number): string | undefined {
  try {
    parseSecret(secret, minBytes)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : 'it cannot be read'
  }
}
