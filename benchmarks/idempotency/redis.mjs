import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'

/** A Redis of its own on a free port; no delivery is written to disk. */
export async function startRedis(...more) {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'countersign-redis-'))
  const fixed = ['--port', port, '--bind', '127.0.0.1', '--dir', folder]
  const args = [...fixed, '--save', '', '--appendonly', 'no', ...more]
  const server = spawn('redis-server', args, { stdio: 'ignore' })
  server.once('error', () => {
    throw new Error('redis-server is not installed')
  })
  process.once('exit', () => {
    server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  const admin = new Redis(port, '127.0.0.1')
  admin.on('error', () => {})
  await admin.ping()

  async function number(section, name) {
    return Number((await admin.info(section)).match(new RegExp(`^${name}:([\\d.]+)`, 'm'))[1])
  }
  return {
    port,
    admin,
    memory: () => number('memory', 'used_memory'),
    /** Seconds of its processor so far. */
    cpu: async () => (await number('cpu', 'used_cpu_user')) + (await number('cpu', 'used_cpu_sys')),
    close() {
      admin.disconnect()
      server.kill()
    },
  }
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(String(port)))
    })
  })
}
