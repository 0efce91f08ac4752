export default {
  test: { globals: true, silent: true, include: ['vitest.test.mjs'] },
}
