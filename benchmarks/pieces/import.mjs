// Importing `countersign/express` cold, against an empty file: whole processes, from spawn to exit.
import { spawnSync } from 'node:child_process'
import { compare, ROUNDS } from '../compare.mjs'
import { duration } from '../statistics.mjs'

const MOST = 5e6
const SPAWNS = ROUNDS * 6

const ESM = '--input-type=module'
const COMMONJS = '--input-type=commonjs'
// Node needs time for the first file, whatever is in it. So the other side imports an empty file.
const programs = {
  '`import`': ["import 'countersign/express'", "import '../empty.mjs'", ESM],
  '`require`': ["require('countersign/express')", "require('../empty.cjs')", COMMONJS],
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
  const [ours, empty, flag] = programs[way]
  const { first, second, difference } = await compare(
    () => spawned(flag, ours),
    () => spawned(flag, empty),
    SPAWNS,
  )
  return {
    measure: `${way} of \`countersign/express\`, cold, beyond an empty file`,
    ours: duration(first),
    theirs: duration(second),
    ratio: `+${(difference / 1e6).toFixed(1)} ms`,
    target: '≤ +5 ms',
    met: difference <= MOST,
  }
}

export async function run() {
  const rows = []
  for (const way of Object.keys(programs)) rows.push(await row(way))
  return { rows }
}
