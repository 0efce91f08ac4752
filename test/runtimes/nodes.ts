// The unit and adapter suites on the oldest Node that the package supports and on the newest: `npm run test:nodes [arguments of Jest…]`.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { install } from './prepare.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { engines } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))

function passes(name: string): boolean {
  const node = `${root}/test/runtimes/node_modules/${name}/bin/node`
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
  console.log(`\n=== Node ${version}`)
  if (name === 'node20' && version !== `${engines.node}.0`.replace('>=', 'v'))
    throw new Error(`"engines" promises ${engines.node}, and this is no such version`)
  const args = ['node_modules/jest/bin/jest.js', ...process.argv.slice(2)]
  return spawnSync(node, args, { cwd: root, stdio: 'inherit' }).status === 0
}

install()
const names = ['node20', 'node26']
const passed = names.filter(passes).length
console.log(`\nnodes: ${passed} of ${names.length} pass`)
process.exitCode = passed === names.length ? 0 : 1
