// Times a contestant inside workerd. Its clock stands still while a request computes, so the time is taken outside, over many calls per request.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { rolldown } from 'rolldown'
import { median } from './statistics.mjs'

const here = import.meta.dirname

/** Nanoseconds per call, in a workerd of its own. */
export async function runInWorkerd(contestant) {
  const folder = mkdtempSync(join(tmpdir(), 'workerd-'))
  const port = await freePort()
  await bundle(join(folder, 'worker.mjs'))
  writeFileSync(join(folder, 'config.capnp'), config(port))
  const server = spawn('node_modules/.bin/workerd', ['serve', join(folder, 'config.capnp')], {
    cwd: here,
    stdio: 'inherit',
  })
  try {
    return await measure(`http://127.0.0.1:${port}/${contestant}`)
  } finally {
    server.kill('SIGKILL')
    await once(server, 'exit')
    rmSync(folder, { recursive: true })
  }
}

async function measure(url) {
  let times = 1
  while ((await batch(url, times)) < 2e8) times *= 2
  await batch(url, times)
  const batches = []
  for (let index = 0; index < 7; index++) batches.push((await batch(url, times)) / times)
  return median(batches)
}

async function batch(url, times) {
  const start = process.hrtime.bigint()
  const answer = await whenListening(() => fetch(`${url}?times=${times}`))
  const text = await answer.text()
  if (text !== 'done') throw new Error(`workerd answered: ${text}`)
  return Number(process.hrtime.bigint() - start)
}

async function whenListening(send) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const answer = await send().catch(() => undefined)
    if (answer) return answer
    await setTimeout(50)
  }
  throw new Error('workerd does not listen')
}

async function bundle(file) {
  const build = await rolldown({
    input: join(here, 'worker.mjs'),
    external: /^node:|compare\.mjs|workerd\.mjs/,
    resolve: { conditionNames: ['workerd', 'import'] },
    platform: 'neutral',
  })
  await build.write({ file, format: 'esm' })
  await build.close()
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

const config = (port) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker", esModule = embed "worker.mjs")],
    compatibilityDate = "2026-11-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`
