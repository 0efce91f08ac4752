import { at, type Json, pathsOf, withAt } from './json.js'

const MOST_TRIES = 600

/** The smallest input that still fails, as far as cutting lists and texts goes. */
export async function shrink(input: Json, fails: (input: Json) => Promise<boolean>): Promise<Json> {
  let best = input
  let tries = 0
  for (let hasShrunk = true; hasShrunk; ) {
    hasShrunk = false
    for (const path of pathsOf(best)) {
      for (const smaller of smallerThan(at(best, path))) {
        if (tries++ > MOST_TRIES) return best
        const candidate = withAt(best, path, () => smaller)
        if (!(await fails(candidate))) continue
        best = candidate
        hasShrunk = true
        break
      }
      if (hasShrunk) break
    }
  }
  return best
}

function* smallerThan(value: Json): Iterable<Json> {
  if (typeof value === 'string') {
    for (let size = value.length; size >= 1; size = Math.floor(size / 2)) {
      for (let start = 0; start + size <= value.length; start += size) {
        yield value.slice(0, start) + value.slice(start + size)
      }
    }
  } else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) yield value.filter((_, other) => other !== i)
  }
}
