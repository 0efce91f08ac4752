import { paint, type Style, type Terminal } from '../frame/terminal.js'
import type { ProbeResult } from './probe-case.js'

/** What the answers say of the endpoint as a whole, the worst first. */
export function headline(results: readonly ProbeResult[]): string {
  const find = (name: string) => results.find((result) => result.name === name)
  const isIn = (name: string) => find(name)?.got === 'accepted'
  const faults = results.filter(({ verdict }) => verdict === 'fault').length
  const lenient = results.filter(({ verdict }) => verdict === 'lenient').length
  const authentic = find('authentic')
  if (['wrong-key', 'tampered-body', 'no-headers', 'empty-signature'].some(isIn)) {
    return isIn('wrong-key')
      ? 'This endpoint does not verify signatures: it accepts deliveries that anybody can forge.'
      : 'This endpoint can be fooled: it accepts deliveries that were not signed as they arrived.'
  }
  if (authentic && authentic.got !== 'accepted') return notAccepted(authentic)
  if (isIn('empty-key'))
    return 'This endpoint verifies with an empty key: its secret is not set, and anybody can sign for it.'
  if (find('authentic-unusual-json')?.got !== 'accepted' || isIn('tampered-space')) {
    return 'This endpoint verifies a body that was parsed and serialised again, not the bytes that arrived: deliveries will be refused at random.'
  }
  if (isIn('stale'))
    return 'This endpoint does not check webhook-timestamp: a recorded delivery can be replayed for ever.'
  if (faults > 0)
    return `This endpoint verifies, with ${count(faults, 'fault')}${lenient > 0 ? ` and ${count(lenient, 'leniency')}` : ''}.`
  if (lenient > 0)
    return `This endpoint verifies, and is more lenient than the standard in ${count(lenient, 'way')}.`
  return 'Every answer was right.'
}

function notAccepted({ got, status, code, failure }: ProbeResult): string {
  if (got === 'misplaced')
    return `There is no webhook route at this address (it answered ${status}): check path and method.`
  if (got === 'silent') return failure ?? 'This endpoint does not answer.'
  const answer = `it answered ${[status, code].filter(Boolean).join(' ')}`
  return `This endpoint does not accept authentic deliveries (${answer}): it has another secret, or reads the secret in another way. Fix that first, because the other answers mean little until then.`
}

function count(number: number, word: string): string {
  if (number === 1) return `1 ${word}`
  return `${number} ${word.endsWith('y') && word !== 'way' ? `${word.slice(0, -1)}ie` : word}s`
}

const MARKS: Readonly<Record<ProbeResult['verdict'], readonly [string, Style]>> = {
  right: ['✓ right  ', 'green'],
  fault: ['✗ FAULT  ', 'red'],
  lenient: ['! lenient', 'yellow'],
}

/** One case of the report card: what was expected, what came, what it means and the fix. */
export function printResult(result: ProbeResult, terminal: Terminal): string {
  const { name, expected, got, status, code, verdict, means, fix, failure } = result
  const [mark, style] = MARKS[verdict]
  const answer = [got, status, code].filter((part) => part !== undefined).join(' ')
  const line = `${paint(terminal, style, mark)}  ${name.padEnd(26)}  ${answer}${verdict === 'right' ? '' : `, expected: ${expected}`}`
  const more = [paint(terminal, 'dim', means), failure, fix && `Fix: ${fix}`]
  return [line, ...more.flatMap((text) => (text ? [`             ${text}`] : []))].join('\n')
}
