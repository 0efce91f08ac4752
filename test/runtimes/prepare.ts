// Prepares the runtimes: the packed package, and the suite bundled around it.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statSync } from 'node:fs'
import { join, parse } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { pack, unpack } from '../support/tarball.js'

const here = fileURLToPath(new URL('.', import.meta.url))
export const BUILD = join(here, '.build')
const INSIDE = {
  esm: 'node_modules/countersign/inside.js',
  cjs: 'node_modules/countersign/inside.cjs',
}

interface Bundle {
  /** The file in entries/, by default of the bundle's own name. */
  readonly entry?: string
  readonly platform?: 'node' | 'neutral'
  readonly format?: 'esm' | 'cjs'
  readonly conditions: string[]
  readonly external: string[]
}

const external = ['countersign']
const inTest: Bundle = { entry: 'environment', platform: 'node', conditions: [], external }
const bundles: Record<string, Bundle> = {
  // These resolve the package themselves, by their own conditions.
  'node.mjs': { platform: 'node', conditions: ['node'], external },
  'bun.mjs': { conditions: ['bun'], external },
  'deno.mjs': { conditions: ['deno'], external },
  'vitest.test.mjs': inTest,
  'jest.test.cjs': { ...inTest, format: 'cjs' },
  // These get one file, as a bundler for them would make it.
  'workerd.mjs': { conditions: ['workerd', 'worker', 'browser'], external: [] },
  'browser.mjs': { conditions: ['browser'], external: [] },
}

/** Packs what was built, and bundles the suite. Every path is below the build folder. */
export async function prepare(): Promise<void> {
  rmSync(BUILD, { recursive: true, force: true })
  mkdirSync(BUILD, { recursive: true })
  unpack(pack(BUILD), BUILD)
  for (const format of ['esm', 'cjs'] as const) {
    await build({
      entryPoints: [fileURLToPath(new URL('../conformance/inside.ts', import.meta.url))],
      outfile: join(BUILD, INSIDE[format]),
      bundle: true,
      format,
      target: 'es2022',
      external: ['#*'],
    })
  }
  for (const [file, bundle] of Object.entries(bundles)) {
    const { entry = parse(file).name, platform = 'neutral', format = 'esm', conditions } = bundle
    await build({
      entryPoints: [join(here, `entries/${entry}.ts`)],
      outfile: join(BUILD, file),
      bundle: true,
      format,
      target: 'es2022',
      platform,
      mainFields: ['module', 'main'],
      conditions,
      external: bundle.external.flatMap((id) => [id, `${id}/*`]),
      plugins: bundle.external.length > 0 ? [insideOutside(format)] : [packed, insideBundled],
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
const insideOutside = (format: 'esm' | 'cjs') =>
  insideAs(() => ({ path: `./${INSIDE[format]}`, external: true }))
const insideBundled = insideAs(() => ({ path: join(BUILD, INSIDE.esm) }))

/** Fetches the packages of a folder (by default the runtimes) if they are not there yet, or are not those of its lockfile. */
export function install(folder = here): void {
  // npm writes its own copy of the lockfile last.
  const [asked, installed] = ['package-lock.json', 'node_modules/.package-lock.json'].map(
    (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  )
  if (Number(installed) > Number(asked)) return
  const stdio = ['ignore', 'ignore', 'inherit'] as const
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: [...stdio] })
}
