import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'

const PRETTY = '{\n "type" : "ping" }\n'
const secret = generateSecret()
const folder = fileURLToPath(new URL('..', import.meta.url))
let child
let url

before(async () => {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address()
  await new Promise((resolve) => free.close(resolve))
  url = `http://127.0.0.1:${port}/webhooks`
  const env = { ...process.env, WEBHOOK_SECRET: secret, PORT: String(port) }
  child = spawn(
    'node_modules/.bin/deno',
    ['run', '--allow-net', '--allow-env', '--allow-read', 'main.ts'],
    {
      cwd: folder,
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(url).catch(() => undefined)) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the server did not start')
})
after(() => child.kill('SIGKILL'))

async function post(request) {
  const response = await fetch(url, { method: 'POST', ...request })
  return { status: response.status, body: await response.json() }
}

test('an authentic delivery reaches the handler', async () => {
  const answer = await post(await signedRequest({ secret, id: 'msg_1', body: PRETTY }))
  assert.deepEqual(answer, { status: 200, body: { id: 'msg_1', payload: { type: 'ping' } } })
})
test('a tampered one does not', async () => {
  const { headers } = await signedRequest({ secret, body: PRETTY })
  const { status, body } = await post({ headers, body: PRETTY.replace('ping', 'pong') })
  assert.deepEqual([status, body.code], [401, 'signature_mismatch'])
})
