import base from './jest.config.mjs'

// Against a real PostgreSQL: run by `npm run test:postgres`. One backend is enough, no crypto depends on it.
const [{ testMatch: _, ...project }] = base.projects

export default {
  testTimeout: 60_000,
  projects: [
    { ...project, displayName: 'postgres', testMatch: ['<rootDir>/test/postgres/**/*.test.ts'] },
  ],
}
