import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'

const folder = new URL('../dist/', import.meta.url)
const storage = mkdtempSync(join(tmpdir(), 'countersign-durable-'))
const secret = generateSecret()
const port = await freePort()
const url = `http://127.0.0.1:${port}/webhooks`
let handled = 0
let child

before(async () => {
  writeFileSync(new URL('config.capnp', folder), configOf())
  await start()
})
after(async () => {
  await stop()
  rmSync(storage, { recursive: true, force: true })
})

async function start() {
  const workerd = fileURLToPath(new URL('../node_modules/.bin/workerd', import.meta.url))
  const config = fileURLToPath(new URL('config.capnp', folder))
  child = spawn(workerd, ['serve', config], { stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.on('data', (text) => {
    handled += String(text).split('handled').length - 1
  })
  for (let tries = 0; tries < 200; tries++) {
    if (await fetch(url).catch(() => undefined)) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('workerd did not start')
}

async function stop() {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** What wrangler makes of wrangler.jsonc, for workerd itself. */
function configOf() {
  const text = readFileSync(new URL('../wrangler.jsonc', import.meta.url), 'utf8')
  const wrangler = JSON.parse(text.replace(/^\s*\/\/.*$/gm, ''))
  const classes = wrangler.migrations.flatMap((migration) => migration.new_sqlite_classes)
  const namespaces = classes.map(
    (name) => `(className = "${name}", uniqueKey = "${name}", enableSql = true)`,
  )
  const bindings = wrangler.durable_objects.bindings.map(
    ({ name, class_name }) => `(name = "${name}", durableObjectNamespace = "${class_name}")`,
  )
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "app", worker = (
      modules = [(name = "index", esModule = embed "index.mjs")],
      compatibilityDate = "${wrangler.compatibility_date}",
      bindings = [${bindings.join(', ')}, (name = "WEBHOOK_SECRET", text = "${secret}")],
      durableObjectNamespaces = [${namespaces.join(', ')}],
      durableObjectStorage = (localDisk = "storage"))),
    (name = "storage", disk = (path = "${storage}", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "app")],
);`
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

const post = async (request) => (await fetch(url, { method: 'POST', ...request })).status

test('of ten copies at once, one is handled', async () => {
  const request = await signedRequest({ secret })
  const statuses = await Promise.all(Array.from({ length: 10 }, () => post(request)))
  assert.equal(statuses.filter((status) => status === 204).length, 1)
  assert.ok(statuses.every((status) => [204, 200, 503].includes(status)))
  assert.equal(await post(request), 200)
  assert.equal(handled, 1)
})

test('a handled delivery stays handled when the Worker starts again', async () => {
  const request = await signedRequest({ secret })
  assert.equal(await post(request), 204)
  await stop()
  await start()
  assert.equal(await post(request), 200)
})

test('a forged delivery is refused', async () => {
  const { headers } = await signedRequest({ secret })
  assert.equal(await post({ headers, body: '{}' }), 401)
})
