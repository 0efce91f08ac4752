// Importing `countersign/express` cold against importing nothing: whole processes, from spawn to exit.
import { spawnSync } from 'node:child_process'
import { compare, ROUNDS } from '../compare.mjs'
import { duration } from '../statistics.mjs'

const MOST = 5e6
const SPAWNS = ROUNDS * 6

const ESM = '--input-type=module'
const COMMONJS = '--input-type=commonjs'
// The empty files show what Node takes for the first file of all, whatever is in it.
const programs = {
  '`import` of `countersign/express`': ["import 'countersign/express'", ESM],
  '`import` of an empty file': ["import '../empty.mjs'", ESM],
  '`require` of `countersign/express`': ["require('countersign/express')", COMMONJS],
  '`require` of an empty file': ["require('../empty.cjs')", COMMONJS],
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
  const [code, flag] = programs[way]
  const { first, second, difference } = await compare(
    () => spawned(flag, code),
    () => spawned(flag, ''),
    SPAWNS,
  )
  return {
    measure: `${way}, cold, against nothing`,
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
