/** The known name that a misspelt one most probably stands for, if one is near. */
export function nearMiss(name: string, known: readonly string[]): string | undefined {
  if (name.length > 40) return undefined
  const near = known
    .map((candidate) => ({ candidate, steps: distance(name.toLowerCase(), candidate) }))
    .filter(({ candidate, steps }) => steps <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.steps - b.steps)
  return near[0]?.candidate ?? known.find((candidate) => isStartOf(name, candidate))
}

/** ` Did you mean …?`, or nothing. */
export function didYouMean(name: string, known: readonly string[], prefix = ''): string {
  const near = nearMiss(name, known)
  return near === undefined ? '' : ` Did you mean ${prefix}${near}?`
}

function isStartOf(name: string, candidate: string): boolean {
  return name.length > 1 && candidate.startsWith(name.toLowerCase())
}

/** Letters to insert, drop, replace or swap with the next one. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1]
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        at(last, j) + 1,
        at(row, j - 1) + 1,
        at(last, j - 1) + (isSame ? 0 : 1),
        isSwapped ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    before = last
    last = row
  }
  return at(last, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
