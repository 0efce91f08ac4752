import { printable } from '../base/printable.js'
import { createVerifier } from '../verify.js'
import { JUDGED_NOTE, JUDGED_OPTIONS, readJudgedDelivery } from './capture/judged-delivery.js'
import { defineCommand } from './frame/command.js'

export const verifyCommand = defineCommand({
  summary: 'Verifies a captured delivery.',
  options: {
    ...JUDGED_OPTIONS,
    json: { help: 'Print the verdict as JSON.' },
  },
  notes: [JUDGED_NOTE],
  async run(values, terminal) {
    const { body, headers, now, ...judged } = await readJudgedDelivery(values, terminal)
    const verify = createVerifier({ ...judged, parse: 'none', ...(now && { now: () => now }) })
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
