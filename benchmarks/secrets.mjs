/** 32 bytes; the same in every process of a run. */
export const SECRET = Uint8Array.from({ length: 32 }, (_, index) => index * 7 + 1)
export const WRONG_SECRETS = Array.from({ length: 8 }, (_, index) =>
  Uint8Array.from(SECRET, (byte) => byte ^ (index + 1)),
)
