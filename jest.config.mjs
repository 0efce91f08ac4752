import { readFileSync } from 'node:fs'

const { exports } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))

// Every entry of the package is its source: "./dist/esm/src/sign.js" is built from "src/sign.ts".
const entries = Object.fromEntries(
  Object.entries(exports)
    .filter(([, entry]) => entry.import)
    .map(([subpath, entry]) => [
      `^countersign${subpath.slice(1)}$`,
      entry.import.default.replace('./dist/esm/', '<rootDir>/').replace(/\.js$/, '.ts'),
    ]),
)

// What no crypto backend can change: the command line, which runs on Node alone, the stores in Postgres, the floor below the backends, what diagnose tries before it computes anything, and the checks of documents and imports.
const ONCE = [
  '/test/unit/(base|cli|docs|postgres|diagnose/(body|catalogue|headers|secret))/',
  '/test/unit/cloudflare/sql\\.test\\.ts$',
  '/test/unit/layers\\.test\\.ts$',
  // Takes minutes over WebCrypto beside other tests: jest.diagnose.config.mjs.
  '/test/unit/diagnose/(index|secrets)\\.test\\.ts$',
]

// The whole suite runs over each crypto backend.
const suite = (backend, skipped = []) => ({
  displayName: backend,
  testEnvironment: 'node',
  setupFilesAfterEnv: ['<rootDir>/test/support/list-lengths.ts'],
  testMatch: ['<rootDir>/test/{unit,adapters}/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...skipped],
  transform: {
    '\\.[jt]s$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
  },
  moduleNameMapper: {
    '^#crypto$': `<rootDir>/src/crypto/${backend}.ts`,
    '^#runtime$': '<rootDir>/src/sources/runtime.default.ts',
    ...entries,
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
})

// A busy machine is no failure; a test that hangs is one all the same.
export default {
  testTimeout: 30_000,
  maxWorkers: '100%',
  // A worker keeps memory of every file that it has run, and a large heap makes the next ones slow.
  workerIdleMemoryLimit: '300MB',
  projects: [suite('node'), suite('web', ONCE)],
}
