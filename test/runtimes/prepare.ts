// Prepares the runtimes: the packed package, and the suite bundled around it.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '../..')
export const BUILD = join(here, '.build')
const INSIDE = 'node_modules/countersign/inside.js'

const bundles: Record<string, { readonly conditions: string[]; readonly external: string[] }> = {
  // These resolve the package themselves, by their own conditions.
  node: { conditions: ['node'], external: ['countersign'] },
  bun: { conditions: ['bun'], external: ['countersign'] },
  deno: { conditions: ['deno'], external: ['countersign'] },
  // These get one file, as a bundler for them would make it.
  workerd: { conditions: ['workerd', 'worker', 'browser'], external: [] },
  browser: { conditions: ['browser'], external: [] },
}

/** Packs what was built, and bundles the suite. Every path is below the build folder. */
export async function prepare(): Promise<void> {
  rmSync(BUILD, { recursive: true, force: true })
  const installed = join(BUILD, 'node_modules/countersign')
  mkdirSync(installed, { recursive: true })
  run('npm', ['pack', '--silent', '--pack-destination', BUILD])
  const tarball = readdirSync(BUILD).find((name) => name.endsWith('.tgz')) ?? ''
  run('tar', ['-xzf', join(BUILD, tarball), '-C', installed, '--strip-components=1'])
  await build({
    entryPoints: [join(root, 'test/conformance/inside.ts')],
    outfile: join(BUILD, INSIDE),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    external: ['#*'],
  })
  for (const [name, { conditions, external }] of Object.entries(bundles)) {
    await build({
      entryPoints: [join(here, `entries/${name}.ts`)],
      outfile: join(BUILD, `${name}.mjs`),
      bundle: true,
      format: 'esm',
      target: 'es2022',
      platform: name === 'node' ? 'node' : 'neutral',
      mainFields: ['module', 'main'],
      conditions,
      external: external.flatMap((id) => [id, `${id}/*`]),
      plugins: external.length > 0 ? [insideOutside] : [packed, insideBundled],
    })
  }
}

/** Resolves the package to its unpacked copy, never to the sources next to it. */
const packed = {
  name: 'packed',
  setup(build: import('esbuild').PluginBuild) {
    build.onResolve({ filter: /^countersign(\/|$)/ }, ({ path, kind, pluginData }) =>
      pluginData === 'again'
        ? undefined
        : build.resolve(path, { kind, resolveDir: BUILD, pluginData: 'again' }),
    )
  },
}

/** In the unpacked package, so that the runtime or the bundler chooses the crypto backend as it does for the package. */
function insideAs(resolve: () => import('esbuild').OnResolveResult): import('esbuild').Plugin {
  return {
    name: 'inside',
    setup: (build) => build.onResolve({ filter: /^\.\/inside\.js$/ }, resolve),
  }
}
const insideOutside = insideAs(() => ({ path: `./${INSIDE}`, external: true }))
const insideBundled = insideAs(() => ({ path: join(BUILD, INSIDE) }))

/** Fetches the packages of a folder (by default the runtimes) if they are not there yet, or are not those of its lockfile. */
export function install(folder = here): void {
  // npm writes its own copy of the lockfile last.
  const [asked, installed] = ['package-lock.json', 'node_modules/.package-lock.json'].map(
    (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  )
  if (Number(installed) > Number(asked)) return
  run('npm', ['ci', '--no-audit', '--no-fund'], folder)
}

function run(command: string, args: readonly string[], cwd = root): void {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
}
