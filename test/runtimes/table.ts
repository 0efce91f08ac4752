import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Report } from '../conformance/suite.js'

export interface Row {
  readonly name: string
  readonly version: string
  readonly suite: Report | undefined
  readonly http: Report | undefined
}

const README = fileURLToPath(new URL('../../README.md', import.meta.url))
const HEAD = '| runtime | version | conformance suite | deliveries over HTTP |\n|---|---|---|---|\n'

export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ name, version, suite, http }) =>
      `| ${name} | ${version} | ${count(suite)} | ${count(http)} |\n`,
  )
  return HEAD + lines.join('')
}

function count(report: Report | undefined): string {
  return report ? `${report.passed} of ${report.passed + report.failed.length}` : 'no server'
}

/** Whether the README has this table. The versions may differ: they are those of the machine that wrote it. */
export function isInReadme(table: string): boolean {
  return withoutVersions(readmeTable()) === withoutVersions(table)
}

export function writeToReadme(table: string): void {
  writeFileSync(
    README,
    readFileSync(README, 'utf8').replace(readmeTable(), () => table),
  )
}

function readmeTable(): string {
  const page = readFileSync(README, 'utf8')
  const start = page.indexOf(HEAD)
  if (start === -1) throw new Error('README.md has no table of the runtimes')
  return page.slice(start, page.indexOf('\n\n', start) + 1)
}

function withoutVersions(table: string): string {
  return table.replaceAll(/^(\| [^|]+ \|) [^|]+ \|/gm, '$1')
}
