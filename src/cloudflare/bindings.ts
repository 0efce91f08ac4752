// The parts of Cloudflare's bindings that are used. They are declared here, so that no package of types is needed.

/** A value that a statement is run with, or that it answers with. */
export type SqlValue = string | number | null

/** A binding to a Durable Object class. */
export interface DurableObjectBinding {
  idFromName(name: string): unknown
  get(id: never): { fetch(url: string, init: { method: string; body: string }): Promise<Response> }
}

/** A binding to a D1 database, or a session of one. */
export interface D1Binding {
  prepare(query: string): D1Statement
  batch(statements: never[]): Promise<readonly D1Rows[]>
}

export interface D1Statement {
  bind(...values: SqlValue[]): D1Statement
  all(): Promise<D1Rows>
}

export interface D1Rows {
  readonly results: readonly unknown[]
}

/** A binding to a KV namespace. */
export interface KvBinding {
  getWithMetadata(
    key: string,
    type: 'text',
  ): Promise<{ readonly value: string | null; readonly metadata: unknown }>
  put(
    key: string,
    value: string,
    options: { expirationTtl: number; metadata: object },
  ): Promise<unknown>
}

/** What the runtime hands to the constructor of a Durable Object. */
export interface DurableObjectState {
  readonly storage: {
    readonly sql: { exec(query: string, ...values: SqlValue[]): Iterable<Record<string, unknown>> }
    getAlarm(): Promise<number | null>
    setAlarm(time: number): Promise<void>
  }
}

/** Throws a `TypeError` for anything that lacks a method: most often a binding that is not configured, or that has another name. */
export function assertBinding(binding: unknown, kind: string, ...methods: string[]): void {
  const found: Record<string, unknown> = Object(binding)
  if (methods.every((method) => typeof found[method] === 'function')) return
  const what = binding == null ? String(binding) : 'something else'
  throw new TypeError(
    `binding must be ${kind}, with ${methods.join(' and ')}; found ${what}. Is it configured for this Worker (wrangler.jsonc), under the name that you read from env?`,
  )
}
