import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Program, type Setup, strict } from './matrix.js'
import type { Projects } from './projects.js'

const exec = promisify(execFile)

/** One consumer, compiled in one set-up by one version. */
export interface Job {
  readonly version: string
  readonly setup: Setup
  readonly program: Program
}

export interface Result extends Job {
  readonly title: string
  readonly isGood: boolean
  /** What the compiler said: of ours if it is a failure, otherwise of the types of other packages. */
  readonly notes: readonly string[]
}

export const titleOf = ({ version, setup, program }: Job): string =>
  `${version} ${setup.name} ${program.file}`

/** The version does not know the set-up, and the check is that it says so. */
export const isMissing = ({ version, setup }: Pick<Job, 'version' | 'setup'>): boolean =>
  setup.missingIn.includes(version)

export async function compile(job: Job, projects: Projects, compilers: string): Promise<Result> {
  const { version, setup, program } = job
  const { file, peers, options } = program
  const project = join(projects.create(file, peers, setup.type), 'tsconfig.json')
  const compilerOptions = { ...strict, ...setup.options, ...options, ...goodbyes(job) }
  writeFileSync(project, JSON.stringify({ compilerOptions, files: [`${file}.ts`] }))
  const lines = await run(join(compilers, `typescript-${version}`, 'bin/tsc'), project)
  const own = lines.filter((line) => !isForeign(line))
  const isGood = isMissing(job) ? own.some(isAboutOptions) : own.length === 0
  return { ...job, title: titleOf(job), isGood, notes: isGood ? lines.filter(isForeign) : own }
}

/** The lines with which the compiler refuses, or none. */
async function run(compiler: string, project: string): Promise<readonly string[]> {
  const args = [compiler, '-p', project, '--pretty', 'false']
  const { stdout, code = 0 } = await exec(process.execPath, args, { maxBuffer: 2 ** 26 }).catch(
    (error) => error,
  )
  const lines = String(stdout)
    .split('\n')
    .filter((line) => /error TS\d+/.test(line))
  if (code !== 0 && lines.length === 0) throw new Error(`the compiler broke off: ${stdout}`)
  return lines
}

/** TypeScript 6 wants to be asked for what 7 no longer has. */
function goodbyes({ version, setup }: Job): object {
  return version === '6' && setup.options.moduleResolution === 'node10'
    ? { ignoreDeprecations: '6.0' }
    : {}
}

/** An error inside the types of another package is that package's own. An error in countersign or in the consumer is ours. */
function isForeign(line: string): boolean {
  return line.includes('node_modules/') && !line.includes('node_modules/countersign/')
}

function isAboutOptions(line: string): boolean {
  return /error TS[56]\d{3}:/.test(line)
}
