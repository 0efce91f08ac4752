import { printable } from '../../base/printable.js'
import type { Terminal } from '../frame/terminal.js'
import type { Explainer } from './explainer.js'
import type { Kept } from './history.js'
import { printDelivery } from './print-delivery.js'

/** Prints deliveries in the order in which they were answered, the finding of a refused one below it. */
export function createShow(
  terminal: Terminal,
  explainer: Explainer,
  isJson: boolean,
): (kept: Kept) => void {
  let last: Promise<void> | undefined
  async function print(kept: Kept, before: Promise<void> | undefined): Promise<void> {
    const { listed, hasBody } = kept
    const isExplained = listed.verdict === 'refused' && hasBody
    const findings = isExplained ? await explainer.soon(kept) : undefined
    await before
    const [finding] = findings ?? []
    const line = isJson
      ? printable(JSON.stringify({ ...listed, finding }))
      : printDelivery(listed, finding, terminal)
    terminal.print(line)
  }
  return (kept) => {
    const printed = print(kept, last).finally(() => {
      if (last === printed) last = undefined
    })
    last = printed
  }
}
