import { readFileSync, writeFileSync } from 'node:fs'
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import { strykerPlugins, strykerValidationSchema } from '@stryker-mutator/jest-runner'

const [{ factory: jestRunner }] = strykerPlugins
// The processes that run mutants read it; only one of them makes the first run.
const timesFile = process.env.MUTATION_TIMES

// As Stryker's own runner for Jest, which loads every test file for every mutant. This one loads only the files with a
// test that reaches the mutant, the quickest first, and stops at the first that fails.
function createRunner(injector) {
  const runner = jestRunner(injector)
  const { jestTestAdapter } = runner

  return {
    init: () => runner.init(),
    capabilities: () => runner.capabilities(),
    async dryRun(options) {
      const result = await runner.dryRun(options)
      if (result.tests) writeFileSync(timesFile, JSON.stringify(result.tests.map(timeOf)))
      return result
    },
    async mutantRun(options) {
      let result
      for (const files of batches(options.testFilter)) {
        runner.jestTestAdapter = {
          run: (settings) => jestTestAdapter.run({ ...settings, testFiles: files }),
        }
        result = await runner.mutantRun(options)
        if (result.status !== 'survived') break
      }
      return result
    },
  }
}
createRunner.inject = jestRunner.inject

const timeOf = ({ id, fileName, timeSpentMs }) => ({ id, fileName, timeSpentMs })

function batches(testFilter) {
  const wanted = testFilter && new Set(testFilter)
  const times = new Map()
  for (const { id, fileName, timeSpentMs } of JSON.parse(readFileSync(timesFile, 'utf8'))) {
    if (wanted && !wanted.has(id)) continue
    times.set(fileName, (times.get(fileName) ?? 0) + timeSpentMs)
  }
  const files = [...times.keys()].sort((a, b) => times.get(a) - times.get(b))
  const first = files.slice(0, 4).map((file) => [file])
  return files.length > 4 ? [...first, files.slice(4)] : first
}

const plugins = [declareFactoryPlugin(PluginKind.TestRunner, 'jest-by-file', createRunner)]

export { plugins as strykerPlugins, strykerValidationSchema }
