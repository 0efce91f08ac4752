import { printable } from '../../base/printable.js'
import type { Finding } from '../../diagnose/index.js'
import { paint, type Terminal } from '../frame/terminal.js'
import type { Forwarded, ListedDelivery } from './listed-delivery.js'
import { sizeText } from './size-text.js'

/** A delivery as one line, and the first finding below it. */
export function printDelivery(
  delivery: ListedDelivery,
  finding: Finding | undefined,
  terminal: Terminal,
): string {
  const { verdict, code, type, id, size, duration, status, repeats } = delivery
  const isAccepted = verdict === 'accepted'
  const mark = isAccepted ? '✓ accepted' : `✗ refused ${code}`
  const parts = [
    paint(terminal, 'dim', clockTime(delivery.receivedAt)),
    paint(terminal, isAccepted ? 'green' : 'red', mark.padEnd(29)),
    String(status),
    shown(type, 'no type').padEnd(20),
    shown(id, 'no id').padEnd(28),
    sizeText(size).padStart(8),
    `${duration.toFixed(0)} ms`.padStart(6),
    forwardText(delivery.forwarded, isAccepted),
    repeats === undefined ? '' : `repeats #${repeats}`,
  ]
  const line = parts.filter(Boolean).join('  ')
  return [line, ...failureLines(delivery, terminal), ...findingLines(finding, terminal)].join('\n')
}

function shown(text: string | undefined, missing: string): string {
  if (text === undefined) return missing
  const safe = printable(text)
  return safe.length > 60 ? `${safe.slice(0, 59)}…` : safe
}

function forwardText(forwarded: Forwarded | undefined, isAccepted: boolean): string {
  if (!forwarded) return ''
  const { status, code, duration, failure } = forwarded
  if (failure !== undefined) return '→ no answer'
  const isOpen = !isAccepted && status !== undefined && status < 300
  const warning = isOpen ? ', although refused here' : ''
  return `→ ${[status, code].filter(Boolean).join(' ')} in ${duration.toFixed(0)} ms${warning}`
}

function failureLines({ forwarded }: ListedDelivery, terminal: Terminal): string[] {
  if (forwarded?.failure === undefined) return []
  return [paint(terminal, 'yellow', `    ${printable(forwarded.failure)}`)]
}

function findingLines(finding: Finding | undefined, terminal: Terminal): string[] {
  if (!finding) return []
  const { code, confidence, explanation, fix } = finding
  return [
    paint(terminal, 'yellow', `    ${code} (${confidence}): ${printable(explanation)}`),
    `    Fix: ${printable(fix)}`,
  ]
}

function clockTime(iso: string): string {
  return new Date(iso).toTimeString().slice(0, 8)
}
