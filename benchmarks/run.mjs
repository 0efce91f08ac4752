// `npm run bench` measures everything and writes the table to README.md; `npm run bench -- verify forgery` prints only these pieces.
import { prepare } from './prepare.mjs'
import { heading, table, writeReadme } from './report.mjs'

const PIECES = [
  'verify',
  'peers',
  'express',
  'hono',
  'runtimes',
  'forgery',
  'overlap',
  'telemetry',
  'import',
  'heap',
  'growth',
]

const chosen = process.argv.slice(2)
const unknown = chosen.filter((piece) => !PIECES.includes(piece))
if (unknown.length > 0) throw new Error(`no piece ${unknown}; there are: ${PIECES.join(', ')}`)

prepare()
const rows = []
const charts = []
const head = heading()
for (const piece of chosen.length > 0 ? chosen : PIECES) {
  console.error(`${piece} …`)
  const { run } = await import(`./pieces/${piece}.mjs`)
  const result = await run()
  rows.push(...(result.rows ?? []))
  charts.push(...(result.charts ?? []))
}
const report = `${head}\n\n${table(rows)}\n`
console.log(report)
if (chosen.length === 0) writeReadme(report, charts)
