import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from '../support/free-port.js'

/** A Redis of the test's own, on a free port, with a folder of its own. */
export interface RedisServer {
  readonly port: number
  /** For the test itself; not what is being tested. */
  readonly admin: Redis
  /** Sends a signal: SIGKILL for a crash, SIGSTOP and SIGCONT for one that hangs. */
  signal(signal: NodeJS.Signals): void
  /** Starts it again on the same port and folder after it was killed. */
  restart(...args: string[]): Promise<void>
  close(): Promise<void>
}

const hasRedis = spawnSync('redis-server', ['--version']).status === 0
if (!hasRedis) {
  process.stderr.write(
    '\n*** redis-server is not installed: every test against a real Redis is SKIPPED ***\n\n',
  )
}
/** Is the binary there? If it is not, the tests print a warning. */
export const redisIsInstalled: boolean = hasRedis

export async function startRedis(...args: string[]): Promise<RedisServer> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'countersign-redis-'))
  const fixed = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  let server = launch([...fixed, ...args])
  const admin = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: null })
  admin.on('error', () => {})
  await untilReady(admin)

  return {
    port,
    admin,
    signal: (signal) => void server.kill(signal),
    async restart(...more) {
      await ended(server)
      server = launch([...fixed, ...args, ...more])
      if (more.length === 0) await untilReady(admin)
    },
    async close() {
      admin.disconnect()
      server.kill('SIGKILL')
      await ended(server)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function launch(args: string[]): ChildProcess {
  const server = spawn('redis-server', args, { stdio: 'ignore' })
  const end = (): void => void server.kill('SIGKILL')
  process.once('exit', end)
  server.once('exit', () => process.off('exit', end))
  return server
}

function ended(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => child.once('exit', resolve))
}

async function untilReady(admin: Redis): Promise<void> {
  while ((await admin.ping().catch(() => '')) !== 'PONG') {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
