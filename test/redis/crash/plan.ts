/** How much is sent, and what goes wrong meanwhile. Times are in milliseconds, except the lease. */
export const PLAN = {
  deliveries: Number(process.env.DELIVERIES ?? 5_000),
  /** No new ones after this, however slow the machine is. */
  patience: 75_000,
  /** How often each one is sent at once. */
  copies: 3,
  /** How many deliveries are on their way at once. */
  sideBySide: 60,
  processes: 4,
  killEvery: 1_500,
  /** A handler takes up to this long, and fails this often. */
  handlerTime: 25,
  handlerFails: 0.1,
  lease: 4,
  /** A sender gives up on a copy after so many; no copy should come near that number. */
  attempts: 400,
} as const

export const SECRET = 'wh_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo='

/** What a process writes down, one line each, before it goes on. */
export type Step = 'begun' | 'handled' | 'committed' | 'lost'
