// Makes one small change after another in the source and counts those that a test notices: `npm run mutate`.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, matchesGlob } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Stryker } from '@stryker-mutator/core'
import { folders } from './folders.mjs'
import { printScore } from './score.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
process.chdir(join(here, '../..'))

const { values } = parseArgs({
  options: {
    folder: { type: 'string', multiple: true },
    files: { type: 'string' },
    since: { type: 'string' },
  },
})

const sources = ['src', 'adapters'].flatMap((root) =>
  readdirSync(root, { recursive: true }).map((name) => `${root}/${name}`),
)
let missed = false
for (const folder of folders) {
  const files = wantedFiles(folder)
  if (files.length) missed = !(await mutate(folder, files)) || missed
}
process.exitCode = missed ? 1 : 0

function wantedFiles({ name, files, except = [] }) {
  if (values.folder && !values.folder.includes(name)) return []
  const changed =
    values.since &&
    execFileSync('git', ['diff', '--name-only', values.since, '--'], { encoding: 'utf8' }).split(
      '\n',
    )
  return sources
    .filter((file) => files.some((glob) => matchesGlob(file, glob)))
    .filter((file) => !except.some((glob) => matchesGlob(file, glob)))
    .filter((file) => !changed || changed.includes(file))
    .filter((file) => !values.files || matchesGlob(file, values.files))
    .sort()
}

async function mutate(folder, files) {
  const scratch = mkdtempSync(join(tmpdir(), 'countersign-mutate-'))
  mkdirSync(join(here, '.cache'), { recursive: true })
  process.env.MUTATION_BACKEND = folder.backend ?? 'node'
  process.env.MUTATION_TESTS = JSON.stringify(folder.tests)
  process.env.MUTATION_TIMES = join(scratch, 'times.json')
  try {
    const results = await new Stryker({
      mutate: files,
      plugins: [join(here, 'runner.mjs')],
      testRunner: 'jest-by-file',
      jest: {
        projectType: 'custom',
        configFile: 'test/mutation/jest.config.mjs',
        enableFindRelatedTests: false,
      },
      coverageAnalysis: 'perTest',
      // A constant or a pattern is read once, when its file is loaded: this is where the limits of the contract are.
      ignoreStatic: false,
      incremental: true,
      incrementalFile: join(here, `.cache/${folder.name}.json`),
      concurrency: 2,
      timeoutMS: 60_000,
      tempDirName: join(scratch, 'sandbox'),
      ignorePatterns: ['dist', 'docs', 'benchmarks', 'examples', '.git'],
      reporters: ['progress-append-only'],
      logLevel: 'warn',
      disableTypeChecks: false,
      // It would read the configuration with an API that TypeScript 7 does not have; the tests do not need it.
      tsconfigFile: 'none',
      allowConsoleColors: false,
    }).runMutationTest()
    return printScore(folder, files, results)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
