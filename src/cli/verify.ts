import { printable } from '../base/printable.js'
import { createVerifier } from '../verify.js'
import { DELIVERY_OPTIONS, readDelivery } from './capture/read-delivery.js'
import { defineCommand } from './frame/command.js'
import { currentSecrets } from './frame/environment.js'
import { seconds, time } from './frame/values.js'

export const verifyCommand = defineCommand({
  summary: 'Verifies a captured delivery.',
  options: {
    ...DELIVERY_OPTIONS,
    now: {
      value: 'TIME',
      help: 'When it arrived. Default: the time in the capture file, else now.',
    },
    tolerance: { value: 'SECONDS', help: 'How far its timestamp may lie from then. Default 300.' },
    json: { help: 'Print the verdict as JSON.' },
  },
  notes: ['FILE may be - for standard input. Exit code 0 if the delivery verifies, 1 if not.'],
  async run(values, terminal) {
    const { body, headers, receivedAt } = await readDelivery(values, terminal)
    const now = time('now', values.now) ?? receivedAt
    const verify = createVerifier({
      secret: await currentSecrets(terminal),
      tolerance: seconds('tolerance', values.tolerance),
      parse: 'none',
      ...(now && { now: () => now }),
    })
    const verdict = await verify.check(body, headers)
    if (verdict.ok) {
      const { id, keyId } = verdict.webhook
      const json = printable(JSON.stringify({ ok: true, id, keyId }))
      terminal.print(values.json ? json : `verified: ${printable(id)}, key ${keyId}`)
      return 0
    }
    const { code, message } = verdict.error
    if (values.json) terminal.print(printable(JSON.stringify({ ok: false, code, detail: message })))
    else {
      const hint = 'countersign diagnose says why; docs/troubleshooting.md'
      terminal.printError(`refused: ${code}: ${printable(message)} (${hint}#${code})`)
    }
    return 1
  },
})
