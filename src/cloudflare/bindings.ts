// The parts of Cloudflare's bindings that countersign uses. They are declared here, so that no types package is needed.

/** A parameter or a result of a statement. */
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

/** What the runtime passes to the constructor of a Durable Object. */
export interface DurableObjectState {
  readonly storage: {
    readonly sql: { exec(query: string, ...values: SqlValue[]): Iterable<Record<string, unknown>> }
    getAlarm(): Promise<number | null>
    setAlarm(time: number): Promise<void>
  }
}

/** Throws a `TypeError` if a method is missing, most often because the binding is not configured or has another name. */
export function assertBinding(binding: unknown, kind: string, ...methods: string[]): void {
  const found: Record<string, unknown> = Object(binding)
  if (methods.every((method) => typeof found[method] === 'function')) return
  const what = binding == null ? String(binding) : 'something else'
  throw new TypeError(
    `binding must be ${kind}, with ${methods.join(' and ')}; found ${what}. Is it configured for this Worker (wrangler.jsonc), under the name that you read from env?`,
  )
}
