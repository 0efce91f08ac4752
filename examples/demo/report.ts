import { styleText } from 'node:util'
import type { Answered } from './sender.js'

type Style = Parameters<typeof styleText>[0]

const started = performance.now()
const isTerminal = process.stdout.isTTY === true

export function isRight(answered: Answered): boolean {
  return answered.expected.includes(answered.code)
}

export function printHeading(text: string): void {
  console.log(`\n${paint('bold', text)}`)
}

export function printColumns(): void {
  console.log(
    paint(
      'dim',
      '    at    delivery                        answer  verdict                    took',
    ),
  )
}

/** One line as soon as the sender has its answer. */
export function printAnswered(answered: Answered): void {
  const { name, status, code, tries, milliseconds, isAuthentic } = answered
  const at = `${((performance.now() - started) / 1000).toFixed(2)} s`.padStart(8)
  const verdict = code.padEnd(27)
  const retries = tries > 1 ? `  (attempt ${tries}, as Retry-After asked)` : ''
  const took = `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`.padStart(8)
  const style: Style = !isRight(answered) ? ['red', 'bold'] : isAuthentic ? 'green' : 'yellow'
  console.log(`${at}  ${name.padEnd(32)}${status}     ${paint(style, verdict)}${took}${retries}`)
}

/** Returns whether every verdict was the right one. */
export function printSummary(all: readonly Answered[], handled: readonly string[]): boolean {
  const accepted = all.filter(({ code }) => code === 'accepted')
  const lost = all.filter(({ isAuthentic, code }) => isAuthentic && code !== 'accepted')
  const forged = all.filter(({ isAuthentic, code }) => !isAuthentic && code === 'accepted')
  const wrong = all.filter((answered) => !isRight(answered))
  const ran = new Set(handled)
  const unhandled = accepted.filter(({ headers }) => !ran.has(String(headers['webhook-id'])))

  printHeading('Summary')
  console.log(`  sent                                   ${all.length}`)
  console.log(`  accepted                               ${accepted.length}`)
  for (const [code, count] of countCodes(all)) console.log(`  refused: ${code.padEnd(30)}${count}`)
  console.log(`  authentic deliveries wrongly refused:  ${lost.length}`)
  console.log(`  forged ones accepted:                  ${forged.length}`)
  for (const { name, code, expected } of wrong) {
    console.log(paint('red', `  WRONG: ${name}: ${code}, expected ${expected.join(' or ')}`))
  }
  const isRightThroughout =
    wrong.length === 0 && unhandled.length === 0 && ran.size === accepted.length
  console.log(
    isRightThroughout
      ? paint('green', '\n  Every verdict was the right one.')
      : paint('red', '\n  At least one verdict was wrong.'),
  )
  return isRightThroughout
}

function countCodes(all: readonly Answered[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const { code } of all) {
    if (code !== 'accepted') counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  return [...counts].sort(([a], [b]) => a.localeCompare(b))
}

function paint(style: Style, text: string): string {
  return isTerminal ? styleText(style, text) : text
}
