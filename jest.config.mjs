// The whole suite runs twice: once over each crypto backend.
const suite = (backend) => ({
  displayName: backend,
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/{unit,adapters}/**/*.test.ts'],
  transform: {
    '\\.[jt]s$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
  },
  moduleNameMapper: {
    '^#crypto$': `<rootDir>/src/crypto.${backend}.ts`,
    '^#runtime$': '<rootDir>/src/runtime.default.ts',
    '^countersign$': '<rootDir>/src/index.ts',
    '^countersign/(account|redis|testing)$': '<rootDir>/src/$1/index.ts',
    '^countersign/(sign|http|diagnose|compat)$': '<rootDir>/src/$1.ts',
    '^countersign/(.*)$': '<rootDir>/adapters/$1.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
})

// A busy machine is no failure; a test that hangs is one all the same.
export default { testTimeout: 30_000, projects: [suite('node'), suite('web')] }
