// Writes docs/api from the TSDoc of every entry in package.json "exports"; with --check, fails if what is there is not current.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Application } from 'typedoc'

const root = fileURLToPath(new URL('../..', import.meta.url))
const published = join(root, 'docs/api')
const isCheck = process.argv.includes('--check')
const out = isCheck ? mkdtempSync(join(tmpdir(), 'countersign-api-')) : published

const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
// "./dist/esm/adapters/express.js" is built from "adapters/express.ts", and documented as "express".
const entries = new Map(
  Object.entries(exports)
    .filter(([, entry]) => entry.import)
    .map(([subpath, entry]) => [
      entry.import.default.replace('./dist/esm/', '').replace(/\.js$/, '.ts'),
      subpath === '.' ? 'countersign' : subpath.slice('./'.length),
    ]),
)

const app = await Application.bootstrapWithPlugins({
  entryPoints: [...entries.keys()].map((file) => join(root, file)),
  tsconfig: join(root, 'tsconfig.json'),
  plugin: ['typedoc-plugin-markdown'],
  basePath: root,
  displayBasePath: root,
  out,
  name: 'countersign',
  readme: 'none',
  disableSources: true,
  excludeInternal: true,
  excludeExternals: true,
  skipErrorChecking: true,
  hideGenerator: true,
  router: 'module',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  useHTMLAnchors: true,
  expandObjects: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  logLevel: 'Warn',
})
const project = await app.convert()
if (!project) process.exit(1)
for (const entry of project.children ?? []) {
  // TypeDoc names a module by its file: "adapters/express", and "src/account" for "src/account/index.ts".
  const file = [`${entry.name}.ts`, `${entry.name}/index.ts`].find((name) => entries.has(name))
  if (!file) throw new Error(`no subpath of package.json is ${entry.name}`)
  entry.name = entries.get(file)
}
await app.generateOutputs(project)

if (isCheck) {
  const stale = differences(out, published)
  rmSync(out, { recursive: true })
  if (stale.length > 0) {
    console.error(`docs/api is not current (npm run docs:api writes it): ${stale.join(', ')}`)
    process.exitCode = 1
  } else console.log('docs/api is current')
}

function differences(now, before) {
  const names = new Set([now, before].flatMap((folder) => listFiles(folder)))
  return [...names].filter((name) => read(now, name) !== read(before, name))
}

function listFiles(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  )
}

function read(folder, name) {
  try {
    return readFileSync(join(folder, name), 'utf8')
  } catch {
    return undefined
  }
}
