const brand = Symbol.for('countersign.observer')

/** Marks callbacks that are spread into options together. A marked callback that is not an option is skipped instead of refused. */
export function markObservers<T extends object>(callbacks: T): T {
  for (const callback of Object.values(callbacks))
    Object.defineProperty(callback, brand, { value: true })
  return callbacks
}

export function isObserver(value: unknown): boolean {
  return typeof value === 'function' && brand in value
}
