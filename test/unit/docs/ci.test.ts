import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
const suites = Object.keys(scripts).filter((name) => name.startsWith('test:'))
const ci = readFileSync('.ci/run', 'utf8')
const [, listed = ''] = /^suites='([^']+)'$/m.exec(ci) ?? []

test('.ci/run runs every suite', () => {
  expect(suites.length).toBeGreaterThan(8)
  expect(listed.split(' ').sort()).toEqual(suites.map((name) => name.slice('test:'.length)).sort())
  for (const step of ['npm ci', 'npm run check', 'npm test', 'npm start', 'npm run soak'])
    expect(ci).toMatch(new RegExp(`^step \\w+ ${step}\\b`, 'm'))
})

test.each(suites)('docs/testing-the-package.md says what %s proves', (name) => {
  expect(readFileSync('docs/testing-the-package.md', 'utf8')).toContain(`\`npm run ${name}\``)
})
