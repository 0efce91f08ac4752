import { printable } from '../../base/printable.js'
import { paint, type Terminal } from '../frame/terminal.js'
import type { Delivered } from './deliver.js'
import type { Tally } from './tally.js'
import type { SentVariant } from './variants.js'

/** What `send` reports on. */
export interface SentReport {
  readonly tally: Tally
  readonly last: Delivered | undefined
  readonly variant: SentVariant
  readonly isMany: boolean
  readonly isJson: boolean
}

/** Prints the result: one line for one delivery, a summary for many, or JSON. */
export function printSentReport(result: SentReport, terminal: Terminal): void {
  const { tally, variant, isJson, isMany } = result
  if (isJson) terminal.print(printable(JSON.stringify(summaryOf(result))))
  else if (!isMany && variant.name !== 'duplicated') printOne(result, terminal)
  else printMany(result, terminal)
  if (!isJson && tally.failure !== undefined)
    terminal.printError(`countersign: ${printable(tally.failure)}`)
}

function summaryOf({ tally, last, variant, isMany }: SentReport): object {
  return {
    ok: tally.wrong === 0 && tally.failed === 0,
    variant: variant.name,
    sent: tally.sent,
    right: tally.right,
    wrong: tally.wrong,
    failed: tally.failed,
    ...(tally.failure !== undefined && { failure: tally.failure }),
    ...(!isMany && last?.failure === undefined && { status: last?.status, code: last?.code }),
    answers: tally.answers(),
    p50: rounded(tally.percentile(0.5)),
    p99: rounded(tally.percentile(0.99)),
  }
}

function printOne({ tally, last, variant }: SentReport, terminal: Terminal): void {
  if (!last || last.failure !== undefined) return
  const { status, code, time } = last
  const word = tally.wrong > 0 ? paint(terminal, 'red', 'wrong') : paint(terminal, 'green', 'right')
  const answer = [String(status), code].filter(Boolean).join(' ')
  terminal.print(
    `${word}  ${answer}  in ${milliseconds(time)}  (${variant.name}: ${expectation(variant)})`,
  )
}

function printMany({ tally, variant }: SentReport, terminal: Terminal): void {
  const { sent, right, wrong, failed } = tally
  const style = wrong + failed > 0 ? 'red' : 'green'
  terminal.print(
    `${sent} sent (${variant.name}: ${expectation(variant)}), ${paint(terminal, style, `${right} right, ${wrong} wrong, ${failed} without an answer`)}`,
  )
  for (const { status, code, count } of tally.answers()) {
    terminal.print(`  ${String(count).padStart(7)} × ${status}${code ? ` ${code}` : ''}`)
  }
  const [p50, p99] = [tally.percentile(0.5), tally.percentile(0.99)]
  if (p50 !== undefined && p99 !== undefined) {
    terminal.print(`  p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)}`)
  }
}

function expectation({ codes, means }: SentVariant): string {
  return `${means}, ${codes.length === 0 ? 'to be accepted' : `to be refused as ${codes.join(' or ')}`}`
}

function milliseconds(time: number): string {
  return `${time < 10 ? time.toFixed(1) : time.toFixed(0)} ms`
}

function rounded(time: number | undefined): number | null {
  return time === undefined ? null : Math.round(time * 1000) / 1000
}
