// Durable Objects, D1 and KV on workerd. `npm run test:cloudflare [part of a file name…]`.
import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { install } from '../runtimes/prepare.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '../..')
/** Miniflare asks for Node 22 or newer. */
const node = join(here, '../runtimes/node_modules/node24/bin/node')

install()
install(join(here, 'miniflare'))
run('npm', ['run', '-s', 'build'])
run('npx', ['tsc', '-p', 'test/cloudflare'])
// The example finds the package in its own folder; here it is this one.
const ours: Plugin = {
  name: 'countersign',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^countersign/ }, ({ path, resolveDir, kind }) =>
      resolveDir === root ? undefined : resolve(path, { resolveDir: root, kind }),
    )
  },
}
// As wrangler bundles a Worker.
await build({
  absWorkingDir: root,
  entryPoints: [join(here, 'worker.ts'), join(root, 'examples/worker-durable/src/with-d1.ts')],
  outdir: join(here, '.build'),
  entryNames: '[name]',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  target: 'es2022',
  conditions: ['workerd', 'worker', 'browser'],
  plugins: [ours],
  logLevel: 'warning',
})

const parts = process.argv.slice(2)
const files = readdirSync(here)
  .filter((name) => name.endsWith('.test.ts'))
  .filter((name) => parts.length === 0 || parts.some((part) => name.includes(part)))
  .map((name) => join(here, name))
const { status } = spawnSync(node, ['--import', 'tsx', '--test', ...files], {
  cwd: root,
  stdio: 'inherit',
})
process.exitCode = files.length === 0 ? 1 : (status ?? 1)

function run(command: string, args: readonly string[], cwd = root): void {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
}
