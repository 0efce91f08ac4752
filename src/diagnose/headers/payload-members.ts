import type { Captured } from '../capture.js'
import { lossyText, parseJson } from '../text.js'

export type Members = readonly (readonly [path: string, value: string])[]

const MAX_BYTES = 1_048_576
const MAX_MEMBERS = 200
const LIKELY = /(id|time|at|date)$/i

/** Short values of a JSON payload, those that look like ids and times first. */
export function payloadMembers({ body }: Captured): Members {
  const found: [string, string][] = []
  const visit = (value: unknown, path: string, depth: number): void => {
    if (found.length >= MAX_MEMBERS) return
    if (typeof value === 'number' || (typeof value === 'string' && value.length <= 256)) {
      found.push([path, String(value)])
    } else if (typeof value === 'object' && value !== null && depth < 4) {
      for (const [name, member] of Object.entries(value)) {
        visit(member, path ? `${path}.${name}` : name, depth + 1)
      }
    }
  }
  if (body.length <= MAX_BYTES) visit(parseJson(lossyText(body)), '', 0)
  const isLikely = ([path]: readonly [string, string]): boolean => LIKELY.test(path)
  return [...found.filter(isLikely), ...found.filter((member) => !isLikely(member))]
}
