// Builds the package and runs the tests of every example that has a package.json of its own, or of those named.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const named = process.argv.slice(2)
const examples = readdirSync('examples')
  .filter((name) => existsSync(join('examples', name, 'package.json')))
  .filter((name) => named.length === 0 || named.includes(name))

run('.', 'run', '-s', 'build')
const failed = examples.filter((name) => !passes(join('examples', name)))
console.log(`\nexamples: ${examples.length - failed.length} of ${examples.length} pass`)
if (failed.length > 0 || examples.length === 0) {
  console.error(`failed: ${failed.join(', ') || 'there is none of that name'}`)
  process.exitCode = 1
}

function passes(folder) {
  const { scripts = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  console.log(`\n== ${folder}`)
  try {
    if (!scripts.test) throw new Error('it has no "test" script')
    run(folder, 'ci')
    run(folder, 'test')
    return true
  } catch (error) {
    console.error(error.message)
    return false
  }
}

function run(folder, ...args) {
  execFileSync('npm', args, {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
  })
}
