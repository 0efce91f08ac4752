import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const CHILD = join(__dirname, '../../support/child')

/** Runs a program of `test/support/child` to its end. */
function run(program: string): Promise<{ code: unknown; output: string }> {
  const env = { PATH: process.env.PATH, TSX_TSCONFIG_PATH: join(CHILD, 'tsconfig.json') }
  const args = ['--import', 'tsx', join(CHILD, program)]
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env, timeout: 25_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, output: stdout + stderr })
    })
  })
}

test('an account that is not closed does not keep a process alive, even with a connection open', async () => {
  expect(await run('forgotten-account.ts')).toEqual({ code: 0, output: '200 200\n' })
})
