// Which crypto backend is the faster one on Bun and Deno, which match the "node" condition?
// Fresh processes, order reversed each round, medians: `npm run bench:backends` (needs `npm ci` in test/runtimes).
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROUNDS = Number(process.env.ROUNDS ?? 9)
const SIZES = (process.env.SIZES ?? '1024,102400').split(',').map(Number)
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'countersign-'))
const binary = (name) => join(root, 'test/runtimes/node_modules/.bin', name)
const runtimes = {
  Node: [process.execPath],
  Bun: [binary('bun'), 'run'],
  Deno: [binary('deno'), 'run', '--allow-all'],
}

for (const backend of ['node', 'web']) {
  await build({
    entryPoints: [join(root, 'benchmarks/backends/loop.ts')],
    outfile: join(folder, `${backend}.mjs`),
    bundle: true,
    format: 'esm',
    platform: 'node',
    alias: {
      '#crypto': join(root, `src/crypto/${backend}.ts`),
      '#runtime': join(root, 'src/sources/runtime.default.ts'),
    },
    // Deno knows `process` only as a module.
    banner: { js: 'import process from "node:process"' },
  })
}

const contenders = [
  { name: 'by hand', file: 'web' },
  { name: 'node:crypto', file: 'node' },
  { name: 'WebCrypto', file: 'web' },
]
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1]

console.log('| runtime | body | by hand, per CPU second | node:crypto | WebCrypto |')
console.log('|---|---|---|---|---|')
for (const [runtime, [command, ...args]] of Object.entries(runtimes)) {
  if (!(process.env.RUNTIMES ?? runtime).includes(runtime)) continue
  for (const size of SIZES) {
    const rates = Object.fromEntries(contenders.map(({ name }) => [name, []]))
    for (let round = 0; round < ROUNDS; round++) {
      for (const { name, file } of round % 2 ? contenders.toReversed() : contenders) {
        const call = [...args, join(folder, `${file}.mjs`), name, String(size)]
        rates[name].push(Number(execFileSync(command, call, { encoding: 'utf8' })))
      }
    }
    const hand = median(rates['by hand'])
    const ratio = (name) => `${(median(rates[name]) / hand).toFixed(2)}x`
    console.log(
      `| ${runtime} | ${size} B | ${hand} | ${ratio('node:crypto')} | ${ratio('WebCrypto')} |`,
    )
  }
}
rmSync(folder, { recursive: true })
