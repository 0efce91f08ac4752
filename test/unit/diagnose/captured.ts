import { parseHeaderNames } from '../../../src/delivery/headers.js'
import type { Captured } from '../../../src/diagnose/capture.js'

/** A captured delivery with nothing in it but what a test gives. */
export function capturedWith(given: Partial<Captured>): Captured {
  return {
    body: new Uint8Array(0),
    parsed: false,
    unread: false,
    headers: [],
    nameSets: parseHeaderNames(undefined),
    secrets: [],
    ownKeys: [],
    previous: [],
    now: 0,
    tolerance: 300,
    minSecretBytes: 24,
    ...given,
  }
}
