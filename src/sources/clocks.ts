/** How far the clocks of two machines may be apart, in milliseconds, plus the second by which a timestamp is rounded down. */
export const MOST_APART = 31_000
