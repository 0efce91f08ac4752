/** Numbers that a seed repeats (mulberry32). */
export interface Random {
  /** A whole number from 0 to `most`, not included. */
  below(most: number): number
  pick<T>(list: readonly T[]): T
  chance(oneIn: number): boolean
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  function below(most: number): number {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * most)
  }
  return {
    below,
    // The lists here are never empty.
    pick: <T>(list: readonly T[]) => list[below(list.length)] as T,
    chance: (oneIn) => below(oneIn) === 0,
  }
}
