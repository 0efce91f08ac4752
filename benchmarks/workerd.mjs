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
  const worker = await bundled('workers/loop.mjs')
  try {
    return await worker.run((url) => measure(`${url}/${contestant}`))
  } finally {
    worker.remove()
  }
}

/** Bundles a Worker. `run` starts a workerd with it and stops it when `use` has ended. */
export async function bundled(worker) {
  const folder = mkdtempSync(join(tmpdir(), 'workerd-'))
  await bundle(worker, join(folder, 'worker.mjs'))

  async function run(use) {
    const port = await freePort()
    writeFileSync(join(folder, 'config.capnp'), config(port))
    const server = spawn('node_modules/.bin/workerd', ['serve', join(folder, 'config.capnp')], {
      cwd: here,
      stdio: 'inherit',
    })
    try {
      return await use(`http://127.0.0.1:${port}`)
    } finally {
      server.kill('SIGKILL')
      await once(server, 'exit')
    }
  }
  return { run, remove: () => rmSync(folder, { recursive: true }) }
}

async function measure(url) {
  // The first one waits for workerd to start.
  await batch(url, 1)
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

/** Sends until somebody listens, and resolves to the answer. */
export async function whenListening(send, pause = 50) {
  const attempts = 10_000 / pause
  for (let attempt = 0; attempt < attempts; attempt++) {
    const answer = await send().catch(() => undefined)
    if (answer) return answer
    await setTimeout(pause)
  }
  throw new Error('workerd does not listen')
}

async function bundle(worker, file) {
  const build = await rolldown({
    input: join(here, worker),
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
