import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { STATUS } from '../../../src/http/index.js'
import { VERIFIER_OPTIONS } from '../../../src/verify/verifier-options.js'

const page = readFileSync('README.md', 'utf8')

/** The row of a table that has this in its first column. */
function rowOf(name: string): string {
  const rows = page.split('\n').filter((line) => line.startsWith('| '))
  return rows.find((row) => row.split(' | ')[0]?.includes(`\`${name}\``)) ?? ''
}

describe('README.md', () => {
  test('shows how to install it, a verified webhook in under ten lines, then the two commands of a clone', () => {
    const [before = '', example = '', ...after] = page.split('```ts\n')
    expect(before).toContain('npm install countersign')
    const lines = example.split('```')[0]?.split('\n').filter(Boolean) ?? []
    expect(lines.join('\n')).toContain('verifyWebhook({ secret })')
    expect(lines.length).toBeLessThan(10)
    const firstScreens = after.join('').split('\n## ')[0]
    expect(firstScreens).toContain('npm ci && npm start')
    expect(firstScreens).toContain('npm ci && npm test')
  })
  test.each(Object.entries(STATUS))('has %s in the table of errors, with %i', (code, status) => {
    expect(rowOf(code)).toMatch(new RegExp(`\\| ${status} `))
    expect(rowOf(code).includes('Retry-After')).toBe(status === 503)
  })
  test.each(Object.keys(VERIFIER_OPTIONS))('has a row for the option %s', (name) => {
    expect(rowOf(name)).not.toBe('')
  })
  test.each(['wh_…', 'whsec_…', 'whpk_…', 'whsk_…'])('has a row for secrets like %s', (form) => {
    expect(rowOf(form)).not.toBe('')
  })
})
