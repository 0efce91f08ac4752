import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { generateSecret } from 'countersign/sign'
import { fakeAccount, signedRequest } from 'countersign/testing'

const PRETTY = '{\n "type" : "ping" }\n'
const secret = generateSecret()
const account = await fakeAccount()
const bindings = {
  WEBHOOK_SECRET: secret,
  ACCOUNT_TOKEN: account.token,
  ACCOUNT_URL: account.baseUrl,
}
const folder = new URL('../dist/', import.meta.url)
const urls = {}
let child

before(async () => {
  for (const name of ['with-hono', 'plain']) urls[name] = `127.0.0.1:${await freePort()}`
  const config = new URL('config.capnp', folder)
  writeFileSync(config, configOf(urls))
  const workerd = fileURLToPath(new URL('../node_modules/.bin/workerd', import.meta.url))
  child = spawn(workerd, ['serve', fileURLToPath(config)], { stdio: 'inherit' })
  for (const url of Object.values(urls)) await listening(`http://${url}`)
})
after(async () => {
  child.kill('SIGKILL')
  await account.close()
})

function configOf(addresses) {
  const texts = Object.entries(bindings).map(
    ([name, text]) => `(name = "${name}", text = "${text}")`,
  )
  const names = Object.keys(addresses)
  const services = names.map(
    (name) => `(name = "${name}", worker = (
      modules = [(name = "${name}", esModule = embed "${name}.mjs")],
      compatibilityDate = "2026-01-01", bindings = [${texts.join(', ')}]))`,
  )
  const sockets = names.map(
    (name) => `(name = "${name}", address = "${addresses[name]}", http = (), service = "${name}")`,
  )
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${services.join(', ')}, (name = "internet", network = (allow = ["private"]))],
  sockets = [${sockets.join(', ')}],
);`
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function listening(url) {
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(url).catch(() => undefined)) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('workerd did not start')
}

async function post(name, request) {
  const url = `http://${urls[name]}/webhooks`
  const response = await fetch(url, { method: 'POST', ...request })
  return { status: response.status, body: await response.json() }
}

for (const [name, signing] of Object.entries({
  'with-hono': () => account.secret,
  plain: () => secret,
})) {
  test(`${name}: an authentic delivery reaches the handler`, async () => {
    const request = await signedRequest({ secret: signing(), id: 'msg_1', body: PRETTY })
    const answer = await post(name, request)
    assert.deepEqual(answer, { status: 200, body: { id: 'msg_1', payload: { type: 'ping' } } })
  })
  test(`${name}: a tampered one does not`, async () => {
    const { headers } = await signedRequest({ secret: signing(), body: PRETTY })
    const { status, body } = await post(name, { headers, body: PRETTY.replace('ping', 'pong') })
    assert.ok(['signature_mismatch', 'signature_undecided'].includes(body.code), body.code)
    assert.ok([401, 503].includes(status))
  })
}

test('with-hono: a rotation is followed', async () => {
  account.rotate()
  const request = await signedRequest({ secret: account.secret, body: PRETTY })
  // The forgery above has just caused a read of the account, so the sender may have to try again.
  for (let tries = 0; tries < 10; tries++) {
    const { status } = await post('with-hono', request)
    if (status === 200) return
    assert.equal(status, 503)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  assert.fail('the new secret was never accepted')
})
