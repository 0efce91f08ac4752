import type { Captured } from '../capture.js'
import { lossyText, parseJson, valuesIn } from '../text.js'

export type Members = readonly (readonly [path: string, value: string])[]

const MAX_BYTES = 1_048_576
const MAX_MEMBERS = 200
const LIKELY = /(id|time|at|date)$/i

/** Short values of a JSON payload. Values that look like ids and times come first. */
export function payloadMembers({ body }: Captured): Members {
  if (body.length > MAX_BYTES) return []
  const found: [string, string][] = []
  for (const [path, value] of valuesIn(parseJson(lossyText(body)))) {
    const isShort = typeof value === 'string' && value.length <= 256
    if (isShort || typeof value === 'number') found.push([path, String(value)])
    if (found.length >= MAX_MEMBERS) break
  }
  const isLikely = ([path]: readonly [string, string]): boolean => LIKELY.test(path)
  return [...found.filter(isLikely), ...found.filter((member) => !isLikely(member))]
}
