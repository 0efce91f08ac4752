// `npm run bench` measures everything and writes the tables; `npm run bench -- verify forgery` prints only these pieces.
// `--node 26` measures with the Node of the package `node26` of this folder.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { prepare } from './prepare.mjs'
import { heading, table, writeResults } from './report.mjs'
import { writeSummary } from './summary.mjs'

const PIECES = [
  'verify',
  'peers',
  'express',
  'hono',
  'fastify',
  'koa',
  'node',
  'refusal',
  'forgery',
  'latency',
  'allocation',
  'import',
  'coldstart',
  'runtimes',
  'overlap',
  'telemetry',
  'heap',
  'growth',
]

const { values, positionals: chosen } = parseArgs({
  options: { node: { type: 'string' } },
  allowPositionals: true,
})
const unknown = chosen.filter((piece) => !PIECES.includes(piece))
if (unknown.length > 0) throw new Error(`no piece ${unknown}; there are: ${PIECES.join(', ')}`)

prepare()
if (values.node === undefined) await measure()
else process.exitCode = runWith(values.node)

function runWith(major) {
  const node = join(import.meta.dirname, 'node_modules', `node${major}`, 'bin/node')
  const { status, error } = spawnSync(node, [import.meta.filename, ...chosen], { stdio: 'inherit' })
  if (error) throw error
  return status
}

async function measure() {
  const rows = []
  const charts = []
  const head = heading()
  const start = performance.now()
  const pieces = chosen.length > 0 ? chosen : PIECES
  for (const [index, piece] of pieces.entries()) {
    const minutes = ((performance.now() - start) / 60_000).toFixed(1)
    console.error(`${index + 1} of ${pieces.length}, ${minutes} min: ${piece} …`)
    const { run } = await import(`./pieces/${piece}.mjs`)
    const result = await run()
    if (result.rows) console.error(table(result.rows).split('\n').slice(2).join('\n'))
    rows.push(...(result.rows ?? []))
    charts.push(...(result.charts ?? []))
  }
  const report = `${head}\n\n${table(rows)}\n`
  console.log(report)
  if (chosen.length > 0) return
  writeResults(report, charts)
  writeSummary()
}
