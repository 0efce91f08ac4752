// Compiles consumers of the tarball with every TypeScript and prints the table: `npm run test:typescript [part of a title…]`.
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { install } from '../runtimes/prepare.js'
import { pack, unpack } from '../support/tarball.js'
import { compile, isMissing, type Job, type Result, titleOf } from './compile.js'
import { programs, type Setup, setups, versions } from './matrix.js'
import { createProjects } from './projects.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const parts = process.argv.slice(2)

function jobsOf(version: string, setup: Setup): Job[] {
  const fitting = programs.filter((program) => program.setups.includes(setup.name))
  const jobs = fitting.map((program) => ({ version, setup, program }))
  return isMissing({ version, setup }) ? jobs.slice(0, 1) : jobs
}

function print({ title, isGood, notes, ...job }: Result): void {
  const what = isMissing(job) ? 'does not exist' : 'compiles'
  if (isGood) console.log(`ok      ${title} ${what}${foreign(notes)}`)
  else console.log(`FAILED  ${title}\n  ${notes.join('\n  ')}`)
}

/** The types of other packages may need a newer compiler. Which ones, and how many errors they have. */
function foreign(notes: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const note of notes) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(note)?.[1] ?? ''
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const texts = [...counts].map(([name, count]) => `${name} ${count}`)
  return texts.length > 0 ? ` (errors in the types of other packages: ${texts.join(', ')})` : ''
}

function cell(results: readonly Result[], version: string, setup: Setup): string {
  const mine = results.filter((result) => result.version === version && result.setup === setup)
  const good = mine.filter(({ isGood }) => isGood).length
  if (good < mine.length) return `FAILED: ${mine.length - good}`
  return isMissing({ version, setup }) ? 'does not exist' : `${good} compile`
}

install(here)
const temporary = mkdtempSync(join(tmpdir(), 'countersign-types-'))
try {
  const tarball = pack(temporary)
  const projects = createProjects(temporary, here, (folder) => unpack(tarball, folder))
  const jobs = versions
    .flatMap((version) => setups.flatMap((setup) => jobsOf(version, setup)))
    .filter((job) => parts.length === 0 || parts.some((part) => titleOf(job).includes(part)))
  const results: Result[] = []
  const left = [...jobs]
  async function work(): Promise<void> {
    for (let job = left.shift(); job; job = left.shift()) {
      const result = await compile(job, projects, join(here, 'node_modules'))
      results.push(result)
      print(result)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  console.log(`\n| TypeScript | ${setups.map(({ name }) => name).join(' | ')} |`)
  console.log(`|---|${setups.map(() => '---|').join('')}`)
  for (const version of versions) {
    const cells = setups.map((setup) => cell(results, version, setup))
    console.log(`| ${version} | ${cells.join(' | ')} |`)
  }
  const good = results.filter(({ isGood }) => isGood).length
  console.log(`\ntypescript: ${good} of ${jobs.length} pass`)
  if (good === 0 || good < jobs.length) process.exitCode = 1
} finally {
  rmSync(temporary, { recursive: true, force: true })
}
