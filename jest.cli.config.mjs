import base from './jest.config.mjs'

// The built command line in a real browser, behind nginx and under load: run by `npm run test:cli`.
const [{ testMatch: _, ...project }] = base.projects

export default {
  testTimeout: 120_000,
  // The load test measures memory, and the browser needs a core of its own.
  maxWorkers: 1,
  projects: [{ ...project, displayName: 'cli', testMatch: ['<rootDir>/test/cli/**/*.test.ts'] }],
}
