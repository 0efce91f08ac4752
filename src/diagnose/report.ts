import type { Diagnosis } from './finding.js'

/** A diagnosis as text for a terminal. */
export function printDiagnosis({ ok, code, findings }: Diagnosis): string {
  const verdict = code === undefined ? 'cannot be verified' : `does not verify (${code})`
  const head = ok ? 'This delivery verifies.' : `This delivery ${verdict}.`
  const causes = findings.map(
    ({ code, confidence, explanation, fix }, i) =>
      `${i + 1}. ${code} (${confidence})\n   ${explanation}\n   Fix: ${fix}\n   docs/troubleshooting.md#${code}`,
  )
  return [head, ...causes].join('\n\n')
}
