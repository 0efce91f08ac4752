// Fuzzes the package: `npm run fuzz -- --minutes N [--target NAME] [--seed S] [--input FILE] [--keep]`.
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

const BUILD = 'test/fuzz/.build'
const root = fileURLToPath(new URL('../..', import.meta.url))

/** The crypto backend that `#crypto` stands for. */
function backend(name: 'node' | 'web'): Plugin {
  const files: Readonly<Record<string, string>> = {
    '#crypto': `${root}src/crypto/${name}.ts`,
    '#runtime': `${root}src/sources/runtime.default.ts`,
  }
  return {
    name: 'backend',
    setup: (build) =>
      build.onResolve({ filter: /^#/ }, ({ path }) => ({ path: files[path] ?? path })),
  }
}

async function bundle(entry: string, name: string, crypto: 'node' | 'web'): Promise<string> {
  const outfile = `${BUILD}/${name}.mjs`
  await build({
    entryPoints: [`test/fuzz/${entry}.ts`],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2023',
    packages: 'external',
    sourcemap: 'inline',
    plugins: [backend(crypto)],
  })
  return pathToFileURL(outfile).href
}

process.setSourceMapsEnabled(true)
const subjects = {
  node: await import(await bundle('subject', 'subject-node', 'node')),
  web: await import(await bundle('subject', 'subject-web', 'web')),
}
const { main } = await import(await bundle('main', 'main', 'node'))
process.exitCode = await main(process.argv.slice(2), subjects)
