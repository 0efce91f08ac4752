type Name = 'TextEncoder' | 'TextDecoder' | 'crypto'

/** Looks up a global when it is used. jsdom lacks some globals, and an import must not fail for that. Throws a `TypeError` that says what to do. */
export function platform<K extends Name>(name: K): (typeof globalThis)[K] {
  return globalThis[name] ?? missing(name)
}

/** Looks up `crypto.subtle` in the same way as {@link platform}. */
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
