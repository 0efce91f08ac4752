type Name = 'TextEncoder' | 'TextDecoder' | 'crypto'

/** A global, looked up when it is used: jsdom lacks some of them, and an import must not fail for it. Throws a `TypeError` that says what to do. */
export function platform<K extends Name>(name: K): (typeof globalThis)[K] {
  return globalThis[name] ?? missing(name)
}

/** As {@link platform}, for `crypto.subtle`. */
export function subtleCrypto(): SubtleCrypto {
  return platform('crypto').subtle ?? missing('crypto.subtle')
}

export function randomUuid(): string {
  return platform('crypto').randomUUID?.() ?? missing('crypto.randomUUID')
}

function missing(name: string): never {
  throw new TypeError(
    `this runtime offers no ${name}; in Jest with jsdom, put @jest-environment node at the top of the test file`,
  )
}
