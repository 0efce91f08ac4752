import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import * as seam from 'countersign/http'

const page = readFileSync('docs/adapters.md', 'utf8')

describe('docs/adapters.md', () => {
  test('shows the adapter that examples/h3 tests, to the letter', () => {
    expect(page).toContain(readFileSync('examples/h3/verify-webhook.ts', 'utf8'))
  })
  test('names every function of countersign/http', () => {
    for (const name of Object.keys(seam)) expect(page).toContain(name)
  })
  test('has a line for every adapter', () => {
    for (const file of readdirSync('adapters')) {
      expect(page).toContain(`\`countersign/${file.replace('.ts', '')}\``)
    }
  })
  test('names examples that are there', () => {
    const names = [...page.matchAll(/`(examples\/[^`]+)`/g)].map(([, path = '']) => path)
    expect(names.length).toBeGreaterThan(2)
    for (const path of names) expect(readdirSync(path)).toContain('package.json')
  })
})
