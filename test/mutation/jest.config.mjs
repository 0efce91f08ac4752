import base from '../../jest.config.mjs'

const { MUTATION_BACKEND: backend = 'node', MUTATION_TESTS: tests = '[]' } = process.env
const project = base.projects.find(({ displayName }) => displayName === backend)

// One project, and only the tests of the folder that is being mutated.
export default {
  ...project,
  displayName: undefined,
  rootDir: process.cwd(),
  roots: ['<rootDir>/test/unit', '<rootDir>/test/adapters'],
  testEnvironment: `${process.cwd()}/test/mutation/environment.mjs`,
  setupFiles: ['<rootDir>/test/mutation/setup.ts'],
  testMatch: JSON.parse(tests).map((glob) => `<rootDir>/${glob}`),
  // A mutant that makes a test wait for ever shall not hold the run up for as long as a busy machine may.
  testTimeout: 15_000,
}
