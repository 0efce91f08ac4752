import { type IdempotencyStore, memoryStore } from 'countersign'

export interface SettledStore extends IdempotencyStore {
  /** Resolves when no claim is held: an adapter may settle behind its answer. */
  settled(): Promise<void>
}

export function settledStore(): SettledStore {
  const store = memoryStore()
  let held = 0
  let wake = (): void => {}
  const settling = <A extends unknown[], R>(settle: (...args: A) => R) => {
    return (...args: A): R => {
      held--
      wake()
      return settle(...args)
    }
  }
  return {
    async claim(key, claim) {
      const result = await store.claim(key, claim)
      if (result.state === 'claimed') held++
      return result
    },
    commit: settling(store.commit),
    release: settling(store.release),
    async settled() {
      while (held > 0) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
