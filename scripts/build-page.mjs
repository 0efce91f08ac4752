// Builds the live page of `countersign listen`: script and style go into one file that makes no request for other files.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rolldown } from 'rolldown'

const PAGE = 'src/cli/page'

export async function buildPage(folder) {
  const bundle = await rolldown({
    input: `${PAGE}/main.tsx`,
    platform: 'browser',
    resolve: { extensionAlias: { '.js': ['.ts', '.tsx', '.js'] } },
  })
  const { output } = await bundle.generate({ format: 'esm', minify: true, sourcemap: false })
  await bundle.close()
  const [{ code }] = output
  // The script stands within HTML, which ends it at its first closing tag.
  const parts = {
    STYLE: readFileSync(`${PAGE}/style.css`, 'utf8'),
    SCRIPT: code.trim().replaceAll('</', '<\\/'),
  }
  const html = readFileSync(`${PAGE}/page.html`, 'utf8').replace(
    /\/\*(STYLE|SCRIPT)\*\//g,
    (_, name) => parts[name],
  )
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/index.html`, html)
}
