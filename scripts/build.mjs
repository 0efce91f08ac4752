// Builds every entry of package.json "bin" and "exports" as ESM and as CommonJS, with types for each.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { rolldown } from 'rolldown'
import { buildPage } from './build-page.mjs'

const { bin, exports, imports } = JSON.parse(readFileSync('package.json', 'utf8'))

// "./dist/esm/adapters/express.js" is built from "adapters/express.ts".
const sources = [bin, ...Object.values(exports), ...Object.values(imports)]
  .flatMap((entry) => JSON.stringify(entry).match(/dist\/esm\/[^"]+\.js/g) ?? [])
  .map((file) => file.slice('dist/esm/'.length, -'.js'.length))
const external = /^(#|node:|@opentelemetry\/)/
const input = Object.fromEntries(sources.map((name) => [name, `${name}.ts`]))

// A program that starts reads few files: the verifier, what every adapter needs and the lowest folders are one.
const shared = ['src/verify.ts', 'src/http/index.ts']
const needed = await rolldown({ input: shared, external, platform: 'neutral' })
const { output } = await needed.generate()
await needed.close()
const core = new Set(output.flatMap(({ moduleIds }) => moduleIds))
const groups = [{ name: 'core', test: (id) => core.has(id) || /src.(base|delivery)./.test(id) }]

// Not every loader of CommonJS knows "imports" (Jest 28 does not): there, each `require` chooses the file itself.
const WORKERS = 'globalThis.WebSocketPair'
const NODE = `globalThis.process?.getBuiltinModule && !${WORKERS}`
const choices = {
  crypto: [NODE, 'src/crypto/node.js', 'src/crypto/web.js'],
  runtime: [WORKERS, 'src/sources/runtime.workerd.js', 'src/sources/runtime.default.js'],
}
const relativeRequires = {
  name: 'relative-requires',
  renderChunk(code, { fileName }) {
    return code.replaceAll(/\brequire\("#(\w+)"\)/g, (_, name) => {
      const [condition, ...files] = choices[name]
      const [yes, no] = files.map((file) => {
        const path = relative(dirname(fileName), file)
        return `require("${path.startsWith('.') ? path : `./${path}`}")`
      })
      return `(${condition} ? ${yes} : ${no})`
    })
  },
}

// Constants and branches are folded, and names are kept: the files stay readable, and bundles of them get smaller.
const minify = {
  compress: { keepNames: { function: true, class: true } },
  mangle: false,
  codegen: { removeWhitespace: false },
}

rmSync('dist', { recursive: true, force: true })
for (const [format, folder] of [
  ['esm', 'dist/esm'],
  ['cjs', 'dist/cjs'],
]) {
  const bundle = await rolldown({
    // The command line is a program, and nobody requires it.
    input: format === 'esm' ? input : without(input, 'src/cli/bin'),
    external,
    platform: 'neutral',
    plugins: format === 'cjs' ? [relativeRequires] : [],
  })
  await bundle.write({
    dir: folder,
    format,
    entryFileNames: '[name].js',
    chunkFileNames: 'shared/[name].js',
    codeSplitting: { groups },
    minify,
    sourcemap: false,
    // The types have them. Without them, a program that starts reads a quarter less.
    comments: { jsdoc: false },
  })
  await bundle.close()
  execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json', '--outDir', folder], {
    stdio: 'inherit',
  })
}
await buildPage('dist/page')
// The types look "#crypto" up in the nearest package.json, which for CommonJS is this one.
const inner = JSON.stringify({ type: 'commonjs', imports }).replaceAll('./dist/cjs/', './')
writeFileSync('dist/cjs/package.json', `${inner}\n`)

function without(record, name) {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name))
}
