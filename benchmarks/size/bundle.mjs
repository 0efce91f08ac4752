// Bundles a few lines of application code as a user's bundler would, and weighs the result.
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { rolldown } from 'rolldown'

/** Resolves to minified ESM. `folder` is where `countersign` is resolved from. */
export const bundlers = {
  async esbuild(code, folder, conditions) {
    const { outputFiles } = await build({
      stdin: { contents: code, resolveDir: folder, loader: 'js' },
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      platform: 'browser',
      conditions,
      logLevel: 'error',
    })
    return outputFiles[0].text
  },

  async rolldown(code, folder, conditions) {
    const bundle = await rolldown({
      input: 'app',
      cwd: folder,
      platform: 'browser',
      resolve: { conditionNames: ['import', 'browser', 'default', ...conditions] },
      plugins: [
        {
          name: 'app',
          resolveId: (id) => (id === 'app' ? `${folder}/app.js` : undefined),
          load: (id) => (id === `${folder}/app.js` ? code : undefined),
        },
      ],
    })
    const { output } = await bundle.generate({ format: 'esm', minify: true })
    await bundle.close()
    return output[0].code
  },
}

export function gzipped(text) {
  return gzipSync(text, { level: 9 }).length
}
