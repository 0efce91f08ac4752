import { expect, test } from '@jest/globals'
import { printDiagnosis } from '../../../src/diagnose/report.js'

const finding = {
  code: 'body_whitespace',
  confidence: 'certain',
  explanation: 'It is so.',
  fix: 'Do this.',
} as const

test('a verdict, then every finding with its page', () => {
  expect(printDiagnosis({ ok: false, code: 'signature_mismatch', findings: [finding] })).toBe(
    `This delivery does not verify (signature_mismatch).

1. body_whitespace (certain)
   It is so.
   Fix: Do this.
   docs/troubleshooting.md#body_whitespace`,
  )
})

test('without a verdict, and with nothing to say', () => {
  expect(printDiagnosis({ ok: false, findings: [] })).toBe('This delivery cannot be verified.')
  expect(printDiagnosis({ ok: true, findings: [] })).toBe('This delivery verifies.')
})
