// Importing `countersign/express` cold against importing nothing: whole processes, from spawn to exit.
import { spawnSync } from 'node:child_process'
import { compare, ROUNDS } from '../compare.mjs'
import { duration } from '../statistics.mjs'

const MOST = 5e6
const SPAWNS = ROUNDS * 6

const programs = {
  import: ["import 'countersign/express'", '', '--input-type=module'],
  require: ["require('countersign/express')", '', '--input-type=commonjs'],
}

async function spawned(flag, code) {
  const start = process.hrtime.bigint()
  const { status, stderr } = spawnSync(process.execPath, [flag, '-e', code], {
    cwd: import.meta.dirname,
  })
  if (status !== 0) throw new Error(String(stderr))
  return Number(process.hrtime.bigint() - start)
}

async function row(way) {
  const [code, nothing, flag] = programs[way]
  const { first, second, difference } = await compare(
    () => spawned(flag, code),
    () => spawned(flag, nothing),
    SPAWNS,
  )
  return {
    measure: `\`${way}\` of \`countersign/express\`, cold, against nothing`,
    ours: duration(first),
    theirs: duration(second),
    ratio: `+${(difference / 1e6).toFixed(1)} ms`,
    target: '≤ +5 ms',
    met: difference <= MOST,
  }
}

export async function run() {
  return { rows: [await row('import'), await row('require')] }
}
