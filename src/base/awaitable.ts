/** A value now or later: Node's crypto answers at once, WebCrypto does not, and one code path serves both. */
export type Awaitable<T> = T | PromiseLike<T>

export function isThenable<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return typeof (value as Partial<PromiseLike<T>> | null | undefined)?.then === 'function'
}

/** Goes on at once where the value is there already; saves a microtask on the hot path. */
export function andThen<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return isThenable(value) ? value.then(next) : next(value)
}

/** `Promise.all`, at once where nothing has to be waited for. */
export function all<T>(values: readonly Awaitable<T>[]): Awaitable<readonly T[]> {
  return values.some(isThenable) ? Promise.all(values) : (values as readonly T[])
}

/** Ends with the signal, which is not aborted yet, for work that need not heed it. */
export async function orAborted<T>(work: Awaitable<T>, signal: AbortSignal): Promise<T> {
  const done = new AbortController()
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { signal: done.signal })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    done.abort()
  }
}
