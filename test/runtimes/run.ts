// Runs the conformance suite on every runtime and prints the table: `npm run test:runtimes [name…]`. With `--write` it goes into the README.
import { parseArgs } from 'node:util'
import { fakeAccount } from '../../src/testing/fake-account.js'
import type { Case } from '../conformance/check.js'
import type { ReachableAccount } from '../conformance/library.js'
import type { Report } from '../conformance/suite.js'
import { chromiumVersion, runInChromium } from './chromium.js'
import { overHttpCases } from './over-http.js'
import { install, prepare } from './prepare.js'
import { type Runtime, runtimes, type Server } from './runtimes.js'
import { isInReadme, type Row, tableOf, writeToReadme } from './table.js'

const SECRET = 'wh_DQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKyw='

async function runOn(runtime: Runtime): Promise<Row> {
  const { name } = runtime
  const version = runtime.version()
  const account = await fakeAccount()
  let server: Server | undefined
  try {
    const { baseUrl, token } = account
    server = await runtime.start({ SECRET, ACCOUNT_URL: baseUrl, ACCOUNT_TOKEN: token })
    const http = await runAll(overHttpCases(server.baseUrl, account, SECRET))
    const suite: Report = await (await fetch(`${server.baseUrl}/conformance`)).json()
    return { name, version, suite, http }
  } finally {
    server?.stop()
    await account.close()
  }
}

async function runOnChromium(): Promise<Row> {
  const version = chromiumVersion()
  const account = await fakeAccount()
  try {
    const reachable: ReachableAccount = account
    return { name: 'Chromium', version, suite: await runInChromium(reachable), http: undefined }
  } finally {
    await account.close()
  }
}

async function runAll(cases: readonly Case[]): Promise<Report> {
  const failed: { name: string; error: string }[] = []
  for (const { name, run } of cases) {
    await run().catch((error) => failed.push({ name, error: String(error) }))
  }
  return { passed: cases.length - failed.length, failed }
}

/** A missing runtime is a failure as well: a table without its row would be misleading. */
async function attempt(name: string, run: () => Promise<Row>): Promise<Row | undefined> {
  try {
    return await run()
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    console.error(`\n!!! ${name}: ${isMissing ? 'NOT THERE' : 'FAILED'}: ${error}\n`)
    return undefined
  }
}

function isGood({ suite, http }: Row, cases: number): boolean {
  const failed = [...(suite?.failed ?? []), ...(http?.failed ?? [])]
  return failed.length === 0 && suite?.passed === cases && cases > 0
}

function print(rows: readonly Row[]): void {
  console.log(tableOf(rows))
  for (const { name, suite, http } of rows) {
    for (const failure of [...(suite?.failed ?? []), ...(http?.failed ?? [])]) {
      console.error(`${name} · ${failure.name}: ${failure.error}`)
    }
  }
}

install()
await prepare()
const all: [string, () => Promise<Row>][] = [
  ...runtimes.map((runtime): [string, () => Promise<Row>] => [runtime.name, () => runOn(runtime)]),
  ['Chromium', runOnChromium],
]
const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean' } },
  allowPositionals: true,
})
const parts = positionals.map((name) => name.toLowerCase())
const wanted = all.filter(
  ([name]) => parts.length === 0 || parts.some((part) => name.toLowerCase().includes(part)),
)
const rows: Row[] = []
for (const [name, run] of wanted) {
  const row = await attempt(name, run)
  if (row) rows.push(row)
}
print(rows)
// The suite is the same everywhere, so a runtime that ran fewer cases has lost some.
const cases = Math.max(0, ...rows.map(({ suite }) => suite?.passed ?? 0))
const good = rows.filter((row) => isGood(row, cases)).length
console.log(`\nruntimes: ${good} of ${wanted.length} pass`)
const isWhole = parts.length === 0 && good > 0 && good === wanted.length
if (values.write && isWhole) writeToReadme(tableOf(rows))
const isShown = parts.length > 0 || isInReadme(tableOf(rows))
if (!isShown)
  console.error(
    'README.md shows another table; npm run test:runtimes -- --write puts this one there',
  )
// Connections to runtimes that were killed keep time-outs of minutes.
process.exit(good > 0 && good === wanted.length && isShown ? 0 : 1)
