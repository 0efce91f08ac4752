/** Exactly the same type: neither wider nor narrower, `any` included. */
export type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles only for `true`. */
export function expectType<_Holds extends true>(): void {}
