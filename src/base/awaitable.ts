/** A value or a promise of it. Node's crypto returns values and WebCrypto returns promises; one code path serves both. */
export type Awaitable<T> = T | PromiseLike<T>

export function isThenable<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return typeof (value as Partial<PromiseLike<T>> | null | undefined)?.then === 'function'
}

/** Continues immediately if the value is not a promise, which saves a microtask on the hot path. */
export function andThen<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  // `Promise.resolve`, because other thenables may return nothing or call back twice.
  return isThenable(value) ? Promise.resolve(value).then(next) : next(value)
}

/** The result of `work`. An error that it throws or rejects with is replaced by `toError(error)`. */
export function withErrors<T>(
  work: () => Awaitable<T>,
  toError: (error: unknown) => unknown,
): Awaitable<T> {
  try {
    const value = work()
    if (!isThenable(value)) return value
    return value.then(undefined, (error) => {
      throw toError(error)
    })
  } catch (error) {
    throw toError(error)
  }
}

/** `Promise.all`, but returns immediately if no value is a promise. */
export function all<T>(values: readonly Awaitable<T>[]): Awaitable<readonly T[]> {
  return values.some(isThenable) ? Promise.all(values) : (values as readonly T[])
}

/** Rejects when the signal is aborted, for work that may ignore the signal. The signal must not be aborted yet. */
export function orAborted<T>(work: Awaitable<T>, signal: AbortSignal): Promise<T> {
  const done = new AbortController()
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { signal: done.signal })
  })
  return Promise.race([work, aborted]).finally(() => done.abort())
}
