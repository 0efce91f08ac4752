import base from './jest.config.mjs'

// The examples of the documentation that are tests themselves: run by `npm run test:docs`, which writes them into this folder.
const [{ testMatch: _, ...project }] = base.projects

export default {
  testTimeout: 30_000,
  projects: [
    { ...project, displayName: 'docs', testMatch: ['<rootDir>/test/docs/.blocks/**/*.test.ts'] },
  ],
}
