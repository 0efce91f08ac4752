// Tries the packed package on real frameworks and platforms: `npm run test:platforms [name…]`.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '../..')

function run(command, args, cwd = root) {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Installs the platforms if they are not there yet, or not those of the lockfile. */
function install() {
  // npm writes its own copy of the lockfile last.
  const [asked, installed] = ['package-lock.json', 'node_modules/.package-lock.json'].map(
    (name) => statSync(join(here, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  )
  if (installed <= asked) run('npm', ['ci', '--no-audit', '--no-fund'], here)
}

/** Installs the packed package for the tests. */
function installPackage() {
  const temporary = mkdtempSync(join(tmpdir(), 'countersign-'))
  const target = join(here, 'node_modules/countersign')
  try {
    run('npm', ['run', '-s', 'build'])
    run('npm', ['pack', '--silent', '--pack-destination', temporary])
    const tarball = readdirSync(temporary).find((name) => name.endsWith('.tgz')) ?? ''
    rmSync(target, { recursive: true, force: true })
    mkdirSync(target, { recursive: true })
    run('tar', ['-xzf', join(temporary, tarball), '-C', target, '--strip-components=1'])
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

const wanted = process.argv.slice(2)
const files = readdirSync(here, { recursive: true })
  .filter((name) => name.endsWith('.test.mjs') && !name.includes('node_modules'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
if (files.length === 0) throw new Error(`no test file is called ${wanted}`)

install()
installPackage()
const args = ['--test', '--test-reporter=spec', '--test-concurrency=2', '--test-timeout=60000']
const { status } = spawnSync(process.execPath, [...args, ...files], { cwd: here, stdio: 'inherit' })
process.exitCode = status ?? 1
