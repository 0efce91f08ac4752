import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { describe, expect, test } from '@jest/globals'

interface Import {
  readonly from: string
  /** A file of ours as a path from the root, else the specifier as it is written. */
  readonly to: string
  readonly isType: boolean
}

/** The floors of the house: a folder (or a file at the root) imports from itself and from the floors below it. */
const FLOORS = [
  'base',
  'crypto',
  'delivery',
  'sources',
  'idempotency',
  'verify',
  'sign',
  'account',
  'redis',
  'postgres',
  'cloudflare',
  'otel',
  'http',
  'diagnose',
  'testing',
  'compat',
  'index',
  'cli',
] as const

/** The only files that may ask for a Node built-in. A command line and test servers run on Node. */
const NODE_ONLY = /^src\/(crypto\/node\.ts|cli\/.*|testing\/.*)$/

const files = ['src', 'adapters'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => `${folder}/${name}`),
)
const imports = files.flatMap(importsOf)

function importsOf(from: string): Import[] {
  const code = readFileSync(from, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
  const statements = /\b(?:import|export)(\s+type)?\b([^;'"]*?\bfrom\b|\s*\(|)\s*'([^']+)'/g
  return [...code.matchAll(statements)].map(([, isType, , specifier = '']) => ({
    from,
    to: resolve(from, specifier),
    isType: isType !== undefined,
  }))
}

function resolve(from: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier
  const file = normalize(join(from, '..', specifier)).replace(/\.js$/, '.ts')
  return existsSync(file) ? file : `${file}x`
}

/** `src/delivery/headers.ts` stands on the floor `delivery`, `src/verify.ts` and `src/verify/` share a floor. */
function floorOf(file: string): number {
  const name = file.replace(/^src\//, '').replace(/(\/.*|\.ts)$/, '')
  return (FLOORS as readonly string[]).indexOf(name)
}

/** Everything that comes along when a file is imported. */
function reachable(file: string, found: Set<string> = new Set()): Set<string> {
  if (found.has(file)) return found
  found.add(file)
  for (const { from, to, isType } of imports) if (from === file && !isType) reachable(to, found)
  return found
}

/** The files of a cycle, if there is one that can be reached. */
function findCycle(file: string, path: readonly string[] = []): readonly string[] | undefined {
  if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
  if (clean.has(file)) return undefined
  for (const { from, to } of imports) {
    const cycle = from === file ? findCycle(to, [...path, file]) : undefined
    if (cycle) return cycle
  }
  clean.add(file)
  return undefined
}
const clean = new Set<string>()

describe('the import graph', () => {
  test('has been read', () => {
    expect(imports).toContainEqual({ from: 'src/sign.ts', to: '#crypto', isType: false })
    expect(imports).toContainEqual({
      from: 'src/verify/authenticator.ts',
      to: 'src/delivery/headers.ts',
      isType: false,
    })
    expect(imports).toContainEqual({
      from: 'src/verify.ts',
      to: 'src/delivery/types.ts',
      isType: true,
    })
    const nodeHttp = imports.filter(({ to }) => to === 'node:http').map(({ from }) => from)
    expect(nodeHttp).toContain('src/testing/fake-account.ts')
  })

  test('every folder has its floor', () => {
    const unknown = files.filter((file) => file.startsWith('src/') && floorOf(file) < 0)
    expect(unknown).toEqual([])
  })

  test('no file imports from a higher floor', () => {
    const upward = imports.filter(
      ({ from, to }) =>
        from.startsWith('src/') && to.startsWith('src/') && floorOf(from) < floorOf(to),
    )
    expect(upward).toEqual([])
    // The command line is a user of the package: it verifies by the adapter for Node.
    const onAdapters = imports.filter(({ from, to }) => /^src/.test(from) && /^adapters/.test(to))
    expect(onAdapters).toEqual([
      { from: 'src/cli/listener/receive.ts', to: 'adapters/node.ts', isType: false },
    ])
  })

  test('there are no cycles', () => {
    expect(files.map((file) => findCycle(file)).filter(Boolean)).toEqual([])
  })

  test('nothing but the Node backend and Node’s own tools asks for a Node built-in', () => {
    const asking = imports.filter(({ to, isType }) => to.startsWith('node:') && !isType)
    expect(asking.filter(({ from }) => !NODE_ONLY.test(from))).toEqual([])
  })

  test('the types of src need none of Node’s: a Worker has no node:http', () => {
    const asking = imports.filter(({ from, to }) => from.startsWith('src/') && /^node:/.test(to))
    expect(asking.filter(({ from }) => !NODE_ONLY.test(from))).toEqual([])
  })

  test('the runtime files are reached through the package’s own conditions only', () => {
    const direct = imports.filter(({ to }) => /^src\/(crypto\/|sources\/runtime\.)/.test(to))
    expect(direct).toEqual([])
  })

  test('there are no dependencies: frameworks and clients are imported as types only', () => {
    const packages = imports.filter(({ to }) => !/^(src\/|adapters\/|node:|#)/.test(to))
    const bundled = /^preact(\/|$)/
    const isPage = (file: string): boolean => file.startsWith('src/cli/page/')
    // The page is one file, with what it is drawn by in it.
    // Its entry is for those who have OpenTelemetry: the API finds their SDK.
    const isOtel = ({ from, to }: Import) =>
      from.startsWith('src/otel/') && to === '@opentelemetry/api'
    const brought = packages.filter(
      (found) => !isOtel(found) && !(isPage(found.from) && bundled.test(found.to)),
    )
    expect(brought.filter(({ isType }) => !isType)).toEqual([])
  })

  test('the live page runs in a browser: nothing of the rest of the command line comes along', () => {
    const page = [...reachable('src/cli/page/main.tsx')].filter((file) => file.startsWith('src/'))
    expect(page).toContain('src/cli/page/format-json.ts')
    const foreign = page.filter((file) => !/^src\/(cli\/page|base)\//.test(file))
    expect(foreign).toEqual(['src/cli/listener/size-text.ts'])
  })

  test('a verifier does not import diagnose, testing, compat or the command line', () => {
    const entries = files.filter((file) =>
      /^adapters|^src\/(index|http\/index|verify|account\/index)\./.test(file),
    )
    const brought = entries.flatMap((entry) => [...reachable(entry)])
    expect(brought).toContain('src/delivery/signature.ts')
    expect(brought.filter((file) => /^src\/(diagnose|testing|compat|cli)/.test(file))).toEqual([])
  })

  test('adapters stand on the one seam', () => {
    const beside = imports.filter(
      ({ from, to, isType }) =>
        from.startsWith('adapters/') &&
        to.startsWith('src/') &&
        to !== 'src/http/index.ts' &&
        !isType,
    )
    expect(beside).toEqual([])
  })
})
