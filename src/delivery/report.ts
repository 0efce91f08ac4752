import type { VerdictEvent } from './types.js'

/** The future argument of `onVerdict`. It is filled in while the delivery is checked. */
export type Report = { -readonly [K in keyof VerdictEvent]?: VerdictEvent[K] }
