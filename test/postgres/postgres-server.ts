import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { freePort } from '../support/free-port.js'

/** A PostgreSQL of the test's own: a new cluster in a temporary folder, on a free port. */
export interface PostgresServer {
  readonly port: number
  readonly url: string
  /** For the test itself, over a connection of its own; not what is being tested. */
  admin<Row = Record<string, string>>(text: string, params?: unknown[]): Promise<Row[]>
  /** SIGSTOP: it takes connections and does not answer on them. SIGCONT: it goes on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  /** Ends the server in immediate mode, as a crash would. Resolves when it has ended. */
  crash(): Promise<unknown>
  /** Starts it again on the same port and folder after it has ended or was stopped. */
  restart(): Promise<void>
  /** What the server has written down. */
  log(): string
  close(): Promise<void>
}

const bin = findBin()
if (!bin) {
  process.stderr.write(
    '\n*** PostgreSQL is not installed: every test against a real one is SKIPPED ***\n\n',
  )
}
/** Are the programs there? Tests say so loudly if not. */
export const postgresIsInstalled: boolean = bin !== undefined

/** Settings of `postgresql.conf`. By default nothing is flushed to disk; a test of crashes sets `fsync: 'on'`. */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'countersign-postgres-'))
  const data = join(folder, 'data')
  const user = serverUser()
  if (user) chownSync(folder, user.uid, user.gid)
  const init = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync']
  execFileSync(join(bin ?? '', 'initdb'), init, { ...user, cwd: '/', stdio: 'ignore' })

  const options = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    logging_collector: 'on',
    log_directory: folder,
    log_filename: 'log',
    ...settings,
  }
  const args = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const start = (): ChildProcess => launch(['-D', data, ...args], user)
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  let server = start()
  await untilReady(url, server)

  return {
    port,
    url,
    admin: (text, params) => query(url, text, params),
    signal: (signal) => void server.kill(signal),
    crash() {
      server.kill('SIGQUIT')
      return ended(server)
    },
    async restart() {
      await ended(server)
      server = start()
      await untilReady(url, server)
    },
    log: () => readFileSync(join(folder, 'log'), 'utf8'),
    async close() {
      server.kill('SIGQUIT')
      server.kill('SIGCONT')
      await ended(server)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function findBin(): string | undefined {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map((version) => join(root, version, 'bin'))]
  const inPath = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' }).stdout?.trim()
  return [...folders, ...(inPath ? [inPath] : [])].find((name) => existsSync(join(name, 'initdb')))
}

/** PostgreSQL refuses to run as root. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string): number => {
    const { status, stdout } = spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' })
    return status === 0 ? Number(stdout) : 65_534
  }
  return { uid: id('-u'), gid: id('-g') }
}

function launch(args: string[], user: object | undefined): ChildProcess {
  const server = spawn(join(bin ?? '', 'postgres'), args, { ...user, cwd: '/', stdio: 'ignore' })
  const end = (): void => void server.kill('SIGQUIT')
  process.once('exit', end)
  server.once('exit', () => process.off('exit', end))
  return server
}

function ended(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => child.once('exit', resolve))
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  while (!(await query(url, 'SELECT 1').catch(() => undefined))) {
    if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode}`)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

async function query<Row>(url: string, text: string, params: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client(url)
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query(text, params)
    return rows as Row[]
  } finally {
    // After a crash there is no server to say goodbye to.
    await client.end().catch(() => {})
  }
}
