import type { WebhookErrorCode } from '../base/errors.js'
import { bodySigns } from './body/body-signs.js'
import type { Captured } from './capture.js'
import { type Finding, finding, findingsOf } from './finding.js'
import {
  clockSigns,
  malformedHeaders,
  missingHeaders,
  versionSigns,
} from './headers/header-signs.js'
import { namedHeaders } from './headers/named-headers.js'
import { hasSignature, signatureReadings } from './headers/signature-readings.js'
import { findChanges } from './search/find-changes.js'
import { unusableSecrets } from './secret/secret-signs.js'
import { isJson, lossyText } from './text.js'
import type { Change } from './variants.js'

/** The verdict of a verifier. `undefined` if there is no usable secret or no body. */
export type VerdictCode = WebhookErrorCode | 'accepted' | undefined

/** The problems of a delivery, the true cause first. */
export async function findCauses(captured: Captured, verdict: VerdictCode): Promise<Finding[]> {
  const named = namedHeaders(captured)
  const readings = signatureReadings(captured, named.names[2])
  const broken = [
    ...missingHeaders(captured, named),
    ...malformedHeaders(captured, named),
    ...unusableSecrets(captured),
  ]
  const clock = clockSigns(captured, named)
  if (captured.unread) return once([...broken, ...clock])
  if (verdict === 'accepted') return []

  const changes = await findChanges(captured, named, readings)
  if (changes) {
    const invalid = findingsOf('certain', [[verdict === 'payload_invalid', 'payload_invalid']])
    return once([...proven(changes), ...broken, ...clock, ...invalid])
  }
  const signs = [...broken, ...versionSigns(captured, named, readings), ...bodySigns(captured)]
  // If a header is missing, nothing was tried, and nothing is known about secret and body.
  const wasTried = hasSignature(readings) && !signs.some(({ code }) => code === 'header_missing')
  return once([...signs, ...(wasTried ? lastGuesses(captured) : []), ...clock])
}

function proven(changes: readonly Change[]): Finding[] {
  const found = changes.map(({ code, detail }) => finding(code, 'certain', detail))
  // Other header names mean another scheme, which explains the other changes too.
  const vendor = found.filter(({ code }) => code === 'header_names')
  return [...vendor, ...found]
}

/** For a delivery in which nothing matches and nothing looks wrong. */
function lastGuesses({ body, secrets, ownKeys }: Captured): Finding[] {
  if (secrets.length + ownKeys.length === 0) return []
  const detail = isJson(lossyText(body)) ? undefined : 'it is not JSON either'
  return [finding('secret_wrong', 'likely'), finding('body_changed', 'possible', detail)]
}

/** Keeps one finding for each cause. */
function once(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ code }, i) => findings.findIndex((other) => other.code === code) === i)
}
