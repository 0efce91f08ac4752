import { expect } from '@jest/globals'

// For Jest, `[undefined]` equals `[]`. A list with one more entry than expected must never pass.
expect.addEqualityTesters([
  (received, expected) =>
    Array.isArray(received) && Array.isArray(expected) && received.length !== expected.length
      ? false
      : undefined,
])
