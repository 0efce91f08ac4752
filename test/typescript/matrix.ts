/** How consumers set up their compiler, and which versions of it know that set-up. */
export interface Setup {
  readonly name: string
  readonly type: 'module' | 'commonjs'
  readonly options: Readonly<Record<string, unknown>>
  /** The versions that do not have this set-up. That they refuse it is checked too. */
  readonly missingIn: readonly string[]
}

/** The aliases in package.json. */
export const versions = ['5.0', '5.4', '5.9', '6', '7'] as const
const fives = ['5.0', '5.4', '5.9']

function setup(
  name: string,
  type: Setup['type'],
  module: string,
  missingIn: readonly string[] = [],
): Setup {
  const [moduleResolution] = name.split(' ')
  return { name, type, options: { module, moduleResolution }, missingIn }
}

export const setups: readonly Setup[] = [
  setup('node10 ESM', 'module', 'esnext', ['7']),
  setup('node10 CJS', 'commonjs', 'commonjs', ['7']),
  setup('node16 ESM', 'module', 'node16'),
  setup('node16 CJS', 'commonjs', 'node16'),
  setup('nodenext ESM', 'module', 'nodenext'),
  setup('nodenext CJS', 'commonjs', 'nodenext'),
  setup('bundler ESM', 'module', 'esnext'),
  setup('bundler CJS', 'commonjs', 'commonjs', fives),
]

export const strict = {
  strict: true,
  noEmit: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  esModuleInterop: true,
  target: 'es2022',
}

/** One file of consumers/, and what is installed beside it. */
export interface Program {
  readonly file: string
  readonly peers: 'none' | 'all' | 'express4'
  readonly options: Readonly<Record<string, unknown>>
  readonly setups: readonly string[]
}

const ESM = setups.filter(({ type }) => type === 'module').map(({ name }) => name)
const CJS = setups.filter(({ type }) => type === 'commonjs').map(({ name }) => name)
const browser = ['es2022', 'dom', 'dom.iterable']
/** `import` in CommonJS, which most such projects still write; `verbatimModuleSyntax` forbids it there. */
const imports = { verbatimModuleSyntax: false }

export const programs: readonly Program[] = [
  program('plain', ESM, { types: [] }, 'none'),
  program('plain', CJS, { types: [], ...imports }, 'none'),
  program('full', ['node10 ESM', 'nodenext ESM', 'bundler ESM'], { types: ['node'] }),
  program('full', ['node16 CJS'], { types: ['node'], ...imports }),
  program('commonjs', ['node10 CJS', 'nodenext CJS', 'bundler CJS'], { types: ['node'] }),
  program('node', ['nodenext ESM'], { types: ['node'], lib: ['es2022'] }),
  program('worker', ['bundler ESM'], { types: ['@cloudflare/workers-types'], lib: ['es2022'] }),
  program('express', ['nodenext ESM'], { types: ['node'] }, 'express4'),
]

function program(
  file: string,
  setups: Program['setups'],
  options: Program['options'],
  peers: Program['peers'] = 'all',
): Program {
  return { file, setups, peers, options: { lib: browser, ...options } }
}
