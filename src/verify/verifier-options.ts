import {
  amount,
  anything,
  callback,
  callbackOrFlag,
  type OptionTable,
  oneOf,
  type Settings,
} from '../base/options.js'
import { MIN_SECRET_BYTES } from '../delivery/secrets.js'
import type { VerdictEvent, VerifierOptions } from '../delivery/types.js'

export const VERIFIER_OPTIONS = {
  secret: anything<VerifierOptions['secret']>(),
  tolerance: amount(300),
  headers: anything<VerifierOptions['headers']>(),
  schema: anything<VerifierOptions['schema']>(),
  parse: oneOf('json', 'none'),
  now: callback((): number | Date => Date.now()),
  onVerdict: callback<(event: VerdictEvent) => void>(),
  warn: callbackOrFlag<VerifierOptions['warn']>(),
  minSecretBytes: amount(MIN_SECRET_BYTES),
} satisfies OptionTable<VerifierOptions>

/** The options of a verifier with their defaults. Typed by hand, because the option table cannot express `T` and `Context`. */
export interface VerifierSettings<T, Context>
  extends Omit<Settings<typeof VERIFIER_OPTIONS>, 'secret' | 'schema'> {
  readonly secret: VerifierOptions<T, Context>['secret']
  readonly schema: VerifierOptions<T, Context>['schema']
}
