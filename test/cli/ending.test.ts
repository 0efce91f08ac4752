import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { generateSecret } from 'countersign/sign'
import { BIN, startListener } from './program.js'

const { PATH = '' } = process.env
const env = { PATH, COUNTERSIGN_SECRET: generateSecret() }
const refused = join(tmpdir(), `countersign-refused-${process.pid}.http`)

beforeAll(() => writeFile(refused, 'POST / HTTP/1.1\nwebhook-id: msg_1\n\n{}'))

afterAll(() => rm(refused))

function start(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [BIN, ...args], { env })
}

/** The exit code, or the signal. */
async function ending(child: ChildProcess): Promise<unknown> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode ?? child.signalCode
}

jest.setTimeout(20_000)

describe('a reader that has gone', () => {
  test.each([['verify', '--json'], ['diagnose', '--json'], ['verify']])(
    'does not turn the no of %s into a yes',
    async (...args) => {
      const child = start(...args, '--delivery', refused)
      child.stdout?.destroy()
      child.stderr?.destroy()
      expect(await ending(child)).toEqual(1)
    },
  )

  test('of the messages does not end a listener', async () => {
    const { child, url } = await startListener(env, '--json')
    child.stderr?.destroy()
    await breakOff(url)
    await breakOff(url)
    const answer = await fetch(url, { method: 'POST', body: '{}' })
    expect(answer.status).toBe(400)
    child.kill('SIGINT')
    expect(await ending(child)).toEqual(0)
  })

  test('of the deliveries ends a listener in good order', async () => {
    const { child, url } = await startListener(env)
    child.stdout?.destroy()
    // The connection may end with the program, before its answer is read.
    await fetch(url, { method: 'POST', body: '{}' }).catch(() => {})
    expect(await ending(child)).toEqual(0)
  })
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends a command that waits for its input',
  async (signal) => {
    const child = start('verify', '--delivery', '-')
    await new Promise((resolve) => setTimeout(resolve, 1000))
    child.kill(signal)
    const late = setTimeout(() => child.kill('SIGKILL'), 3000)
    expect(await ending(child)).toEqual(signal)
    clearTimeout(late)
  },
)

/** A sender that hangs up in the middle of its body: the listener says so as a message. */
async function breakOff(url: string): Promise<void> {
  const sent = request(url, { method: 'POST', headers: { 'content-length': '10' } })
  sent.on('error', () => {})
  sent.write('{')
  await new Promise((resolve) => setTimeout(resolve, 200))
  sent.destroy()
  await new Promise((resolve) => setTimeout(resolve, 100))
}
