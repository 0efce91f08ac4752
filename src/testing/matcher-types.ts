import type { WebhookErrorCode } from '../base/errors.js'
import type { SecretInput, VerifierOptions } from '../delivery/types.js'

/** How the matchers verify. */
export type MatcherOptions = Pick<
  VerifierOptions,
  'now' | 'tolerance' | 'headers' | 'minSecretBytes'
>

/** The matchers as tests see them, for Jest's and Vitest's types. */
export interface WebhookMatchers<R> {
  /** Does the delivery verify with this secret? Await it. */
  toBeVerifiedBy(secret: SecretInput, options?: MatcherOptions): Promise<R>
  /**
   * Was it accepted? Takes what `toBeRefusedWith` takes; an HTTP answer is accepted with a status from 200 to 299. With `secret` also
   * a delivery, and a failure has the report of `diagnose`. Await it.
   */
  toBeAccepted(options?: MatcherOptions & { secret: SecretInput }): Promise<R>
  /** Was it refused with this code? Takes errors, verdicts, promises and functions that end in one, and HTTP answers; with `secret` also a delivery. Await it. */
  toBeRefusedWith(
    code: WebhookErrorCode,
    options?: MatcherOptions & { secret: SecretInput },
  ): Promise<R>
}

// The three places where test runners look for a matcher's type. A project has one of them, seldom all: what is not
// installed must not be an error there, hence the @ts-ignore: in a comment of this form, as others do not stay in the declarations.

// biome-ignore lint/suspicious/noTsIgnore: whether the module is there depends on the project
/** @ts-ignore */
declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends WebhookMatchers<R> {}
}

// biome-ignore lint/suspicious/noTsIgnore: whether the module is there depends on the project
/** @ts-ignore */
declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: the parameters must be those of the original
  interface Assertion<T = any> extends WebhookMatchers<T> {}
}

declare global {
  namespace jest {
    // biome-ignore lint/complexity/noBannedTypes: the parameters must be those of the original
    interface Matchers<R, T = {}> extends WebhookMatchers<R> {}
  }
}
