import { printableLines } from '../base/printable.js'
import { diagnose } from '../diagnose/index.js'
import { DELIVERY_OPTIONS, readDelivery } from './capture/read-delivery.js'
import { defineCommand } from './frame/command.js'
import { currentSecrets, secretsIn } from './frame/environment.js'
import { seconds, time } from './frame/values.js'

export const diagnoseCommand = defineCommand({
  summary: 'Says why a captured delivery does not verify.',
  options: {
    ...DELIVERY_OPTIONS,
    now: {
      value: 'TIME',
      help: 'When it arrived. Default: the time in the capture file, else now.',
    },
    tolerance: { value: 'SECONDS', help: 'How far its timestamp may lie from then. Default 300.' },
    json: { help: 'Print the findings as JSON.' },
  },
  notes: ['FILE may be - for standard input. Exit code 0 if the delivery verifies, 1 if not.'],
  async run(values, terminal) {
    const { body, headers, receivedAt } = await readDelivery(values, terminal)
    const diagnosis = await diagnose({
      body,
      headers,
      secret: await currentSecrets(terminal),
      previous: secretsIn(terminal, 'COUNTERSIGN_PREVIOUS_SECRET'),
      now: time('now', values.now) ?? receivedAt,
      tolerance: seconds('tolerance', values.tolerance),
    })
    const json = (): string => printableLines(JSON.stringify(diagnosis, null, 2))
    terminal.print(values.json ? json() : String(diagnosis))
    return diagnosis.ok ? 0 : 1
  },
})
