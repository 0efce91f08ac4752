// The table, with machine, versions and date above; on the terminal and in the part of README.md for this Node.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { ROUNDS } from './compare.mjs'
import { generator } from './load.mjs'
import { writePart } from './markers.mjs'

const here = import.meta.dirname
const [MAJOR] = process.versions.node.split('.')
// One run writes the charts, so that all of them show the same Node.
const CHARTS_BY = '20'

export function heading() {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  const load = loadavg()[0].toFixed(2)
  return [
    `- ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, ${ROUNDS} rounds, load average at the start ${load}`,
    `- ${cpus().length} × ${cpu.model.trim()}, ${memory} GiB, ${process.platform} ${process.arch}`,
    `- Node ${process.version.slice(1)} (OpenSSL ${process.versions.openssl}), load generator \`${generator}\``,
    `- ${versions().join(', ')}`,
  ].join('\n')
}

function versions() {
  const { devDependencies } = readJson('package.json')
  const names = ['countersign', ...Object.keys(devDependencies)]
  return names.map((name) => `${name} ${readJson('node_modules', name, 'package.json').version}`)
}

function readJson(...path) {
  return JSON.parse(readFileSync(join(here, ...path), 'utf8'))
}

export function table(rows) {
  const lines = rows.map(
    ({ measure, target, ratio, met, ours, theirs }) =>
      `| ${measure} | ${target} | ${ratio}${met ? '' : ' ✗'} | ${ours} | ${theirs} |`,
  )
  const head = ['| measure | target | measured | ours | against |', '|---|---|---|---|---|']
  return [...head, ...lines].join('\n')
}

export function writeResults(report, charts) {
  const part = MAJOR === CHARTS_BY ? `${report}\n${written(charts)}\n` : report
  writePart(join(here, 'README.md'), `results of Node ${MAJOR}`, part.trimEnd())
}

function written(charts) {
  mkdirSync(join(here, 'charts'), { recursive: true })
  for (const { file, svg } of charts) writeFileSync(join(here, 'charts', file), svg)
  return charts.map(({ title, file }) => `![${title}](charts/${file})`).join('\n\n')
}
