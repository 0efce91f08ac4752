import { TestEnvironment } from 'jest-environment-node'

// One failed test is enough to notice a mutant. The others of its file are skipped, because they may all wait for ever.
export default class extends TestEnvironment {
  hasFailed = false

  handleTestEvent({ name, test }) {
    if (name === 'test_start' && this.hasFailed) test.mode = 'skip'
    if (name === 'test_done' && test.errors.length > 0) this.hasFailed = true
  }
}
