// What users get: packs the package and has consumers install and use it. `npm run test:packaging [name…]`.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pack } from '../support/tarball.js'
import { bundleChecks } from './bundles.js'
import { lint } from './lint.js'
import { assertBillOfMaterials, assertInert } from './manifest.js'
import { assertReproducible } from './reproducible.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '../..')
const temporary = mkdtempSync(join(tmpdir(), 'countersign-'))

function run(command: string, args: readonly string[], cwd: string): void {
  try {
    execFileSync(command, args, { cwd, stdio: 'pipe', encoding: 'utf8' })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${args.join(' ')}\n${stdout ?? ''}${stderr ?? error}`)
  }
}

/** A fresh copy of a consumer, in an empty folder, with the tarball and nothing of this repository. */
function consume(fixture: string, tarball: string): void {
  const folder = join(temporary, fixture)
  cpSync(join(here, 'fixtures', fixture), folder, { recursive: true })
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], folder)
  run('npm', ['test', '--silent'], folder)
}

function checks(tarball: string): Record<string, () => unknown> {
  const fixtures = readdirSync(join(here, 'fixtures')).map((fixture) => [
    fixture,
    () => consume(fixture, tarball),
  ])
  return {
    publint: () => lint(tarball),
    reproducible: () => assertReproducible(root, temporary),
    inert: () => assertInert(tarball, temporary),
    'bill of materials': () => assertBillOfMaterials(root),
    attw: () => run('npx', ['attw', tarball], root),
    ...bundleChecks(tarball, temporary),
    ...Object.fromEntries(fixtures),
  }
}

async function passes(name: string, check: () => unknown): Promise<boolean> {
  try {
    const note = await check()
    console.log(`ok      ${name}${typeof note === 'string' ? `: ${note}` : ''}`)
    return true
  } catch (error) {
    console.error(`FAILED  ${name}: ${error instanceof Error ? error.message : error}`)
    return false
  }
}

const parts = process.argv.slice(2)
try {
  const wanted = Object.entries(checks(pack(temporary))).filter(
    ([name]) => parts.length === 0 || parts.some((part) => name.includes(part)),
  )
  let passed = 0
  for (const [name, check] of wanted) if (await passes(name, check)) passed++
  console.log(`\npackaging: ${passed} of ${wanted.length} pass`)
  if (passed === 0 || passed < wanted.length) process.exitCode = 1
} finally {
  rmSync(temporary, { recursive: true, force: true })
}
