import { printableLines } from '../base/printable.js'
import { diagnose } from '../diagnose/index.js'
import { JUDGED_NOTE, JUDGED_OPTIONS, readJudgedDelivery } from './capture/judged-delivery.js'
import { defineCommand } from './frame/command.js'
import { secretsIn } from './frame/environment.js'

export const diagnoseCommand = defineCommand({
  summary: 'Says why a captured delivery does not verify.',
  options: {
    ...JUDGED_OPTIONS,
    json: { help: 'Print the findings as JSON.' },
  },
  notes: [JUDGED_NOTE],
  async run(values, terminal) {
    const judged = await readJudgedDelivery(values, terminal)
    const previous = secretsIn(terminal, 'COUNTERSIGN_PREVIOUS_SECRET')
    const diagnosis = await diagnose({ ...judged, previous })
    const json = (): string => printableLines(JSON.stringify(diagnosis, null, 2))
    terminal.print(values.json ? json() : String(diagnosis))
    return diagnosis.ok ? 0 : 1
  },
})
