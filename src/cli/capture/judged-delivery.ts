import type { HeadersInput, SecretInput } from '../../delivery/types.js'
import { currentSecrets } from '../frame/environment.js'
import type { Terminal } from '../frame/terminal.js'
import { seconds, time } from '../frame/values.js'
import { DELIVERY_OPTIONS, type DeliveryFiles, readDelivery } from './read-delivery.js'

/** The options of the commands that judge a captured delivery. */
export const JUDGED_OPTIONS = {
  ...DELIVERY_OPTIONS,
  now: {
    value: 'TIME',
    help: 'When it arrived. Default: the time in the capture file, else now.',
  },
  tolerance: { value: 'SECONDS', help: 'How far its timestamp may lie from then. Default 300.' },
} as const

export const JUDGED_NOTE =
  'FILE may be - for standard input. Exit code 0 if the delivery verifies, 1 if not.'

/** A captured delivery, and what it is judged by. */
interface JudgedDelivery {
  readonly body: Uint8Array
  readonly headers: HeadersInput
  readonly secret: SecretInput
  readonly now: Date | undefined
  readonly tolerance: number | undefined
}

interface JudgedValues extends DeliveryFiles {
  readonly now?: string
  readonly tolerance?: string
}

export async function readJudgedDelivery(
  values: JudgedValues,
  terminal: Terminal,
): Promise<JudgedDelivery> {
  const { body, headers, receivedAt } = await readDelivery(values, terminal)
  return {
    body,
    headers,
    secret: await currentSecrets(terminal),
    now: time('now', values.now) ?? receivedAt,
    tolerance: seconds('tolerance', values.tolerance),
  }
}
