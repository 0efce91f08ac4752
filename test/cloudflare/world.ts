import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { D1Binding, DurableObjectBinding, KvBinding } from 'countersign/cloudflare'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'
import { Miniflare, type MiniflareOptions } from './miniflare/index.js'

const script = fileURLToPath(new URL('.build/worker.mjs', import.meta.url))

export interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly retryAfter: number
}

/** workerd with the Worker under test. What it stores lives in a folder, so that it can be started again. */
export interface World {
  readonly secret: string
  durable(className?: string): Promise<DurableObjectBinding>
  d1(): Promise<D1Binding>
  kv(): Promise<KvBinding>
  /** Sends a delivery to the Worker over HTTP. */
  send(path: string, delivery: Delivery, signal?: AbortSignal): Promise<Answer>
  count(worker?: 'twin'): Promise<Count>
  /** Ends workerd and starts it again over what it has stored. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** What one isolate has seen since it started. */
export interface Count {
  /** Of each delivery: handlers at work now, the most side by side, those that came to their end. */
  readonly seen: Readonly<Record<string, { running: number; most: number; handled: number }>>
  /** How often each store was asked for. */
  readonly asked: Readonly<Record<string, number>>
}

export interface Delivery {
  readonly headers: Record<string, string>
  readonly body: Uint8Array
}

/** The second isolate, `twin`, shares the storage of the first. */
export async function startWorld(bindings: Record<string, string> = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-workerd-'))
  const secret = generateSecret()
  const options = optionsOf(folder, { SECRET: secret, ...bindings })
  let miniflare = new Miniflare(options)

  return {
    secret,
    durable: async (className = 'DELIVERIES') =>
      (await miniflare.getDurableObjectNamespace(
        className,
        'app',
      )) as unknown as DurableObjectBinding,
    d1: () => miniflare.getD1Database('DB', 'app') as unknown as Promise<D1Binding>,
    kv: () => miniflare.getKVNamespace('KV', 'app') as unknown as Promise<KvBinding>,

    async send(path, { headers, body }, signal) {
      const url = new URL(path, await miniflare.ready)
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body: body as BodyInit,
        signal: signal ?? null,
      })
      const text = await response.text()
      return {
        status: response.status,
        code: text.startsWith('{') ? JSON.parse(text).code : undefined,
        retryAfter: Number(response.headers.get('retry-after')),
      }
    },

    async count(worker) {
      const response = await fetch(
        new URL(`${worker ? `/${worker}` : ''}/count`, await miniflare.ready),
      )
      return (await response.json()) as Count
    },

    async restart() {
      await miniflare.dispose()
      miniflare = new Miniflare(options)
      await miniflare.ready
    },
    async close() {
      await miniflare.dispose()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function optionsOf(folder: string, bindings: Record<string, string>): MiniflareOptions {
  const classes = {
    DELIVERIES: 'Deliveries',
    ANOTHER: 'Another',
    BROKEN: 'Broken',
    SILENT: 'Silent',
  }
  const of = (scriptName?: string) =>
    Object.fromEntries(
      Object.entries(classes).map(([name, className]) => [
        name,
        { className, useSQLite: true, ...(scriptName ? { scriptName } : {}) },
      ]),
    )
  const worker = {
    modules: true,
    scriptPath: script,
    compatibilityDate: '2026-07-01',
    bindings,
    d1Databases: { DB: 'db' },
    kvNamespaces: { KV: 'kv' },
  }
  return {
    host: '127.0.0.1',
    port: 0,
    defaultPersistRoot: folder,
    workers: [
      { ...worker, name: 'app', durableObjects: of() },
      // The same code in an isolate of its own, over the same storage.
      { ...worker, name: 'twin', durableObjects: of('app'), routes: ['*/twin/*'] },
    ],
  } as MiniflareOptions
}

/** A delivery with an id of its own, to be sent as often as a test likes. */
export async function delivery(
  secret: string,
  id = `msg_${crypto.randomUUID()}`,
): Promise<Delivery & { id: string }> {
  const { headers, body } = await signedRequest({ secret, id, payload: { n: 1 } })
  return { id, headers: headers as Record<string, string>, body }
}

/** Asks again until it holds. */
export async function until<T>(ask: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await ask()
    if (holds(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
