/**
 * What every adapter must do, in one table (`contract-cases.ts`), run against real frameworks.
 *
 * To plug a framework in, write a {@link Harness}: `start` mounts the adapter's `verifyWebhook(options)` on
 * `POST /webhooks`, with `setup.handle(webhook, request)` as handler (answer 204 when it returns), and hands the framework's
 * own error handling to `setup.onError(error)` (answer a plain 500). It returns `send`: {@link overSocket} for a server
 * that listens, {@link throughFetch} for a `Request => Response` handler, or one of its own for anything else.
 *
 * ```ts
 * const app: Harness = {
 *   async start({ options, reject, before, handle, onError }) {
 *     const app = new Framework()
 *     if (before === 'json') app.use(jsonParser())       // leaves a parsed body
 *     if (before === 'drain') app.use(readToTheEnd())    // leaves nothing
 *     app.post('/webhooks', verifyWebhook({ ...options, onReject }), (c) => { handle(c.webhook, c.request); return c.status(204) })
 *     app.onError((error) => { onError(error); return 500 })
 *     const server = await listen(app)
 *     return { send: overSocket(server.port), close: () => server.close() }
 *   },
 *   cannot: { 'drained stream': 'why this framework has no such thing' },
 * }
 * adapterContract('framework 1', app)
 * ```
 * `request` is the framework's own, as `secret` functions get it. `onReject` calls `reject?.(error, request)`. If that returns an answer, `onReject` sends it in the framework's own way. It may
 * return a promise: `andThen` of `src/base/awaitable.ts` handles both.
 */
import { afterEach, describe, expect, test } from '@jest/globals'
import type { SecretContext, SecretInput, VerdictEvent, Webhook, WebhookError } from 'countersign'
import type { ReceiverOptions } from 'countersign/http'
import { type CaseName, cases, MAX_BODY_BYTES, NOW, SECRET } from './contract-cases.js'
import type { Incoming, Outgoing, Send } from './raw-http.js'

export { overSocket, throughFetch } from './raw-http.js'

type Later<T> = T | Promise<T>

/** Options as every adapter takes them, whatever its framework's types. */
export interface ContractOptions extends Omit<ReceiverOptions, 'secret' | 'onReject'> {
  secret: SecretInput | ((context: SecretContext) => Later<SecretInput | undefined>)
}

/** A custom answer to a refused delivery. */
export interface CustomAnswer {
  readonly status: number
  readonly text: string
}

/** What a harness is asked to start. */
export interface Setup {
  readonly options: ContractOptions
  /** The adapter's `onReject` must call this. If it returns an answer, send that. `undefined`: set no `onReject`. */
  readonly reject:
    | ((error: WebhookError, request: unknown) => Later<CustomAnswer | undefined>)
    | undefined
  /** What runs before the adapter: nothing, a JSON parser, or something that reads the stream to its end. */
  readonly before: 'nothing' | 'json' | 'drain'
  /** The route's handler, called with the webhook and the framework's own request. The framework handles what it throws. */
  readonly handle: (webhook: Webhook, request: unknown) => void
  /** The framework's own error handling calls this and answers 500. */
  readonly onError: (error: unknown) => void
}

export interface Running {
  readonly send: Send
  close(): Later<unknown>
}

export interface Harness {
  start(setup: Setup): Later<Running>
  /** Cases that this framework cannot express, each with the reason. */
  readonly cannot?: Partial<Record<CaseName, string>>
}

/** Changes to the usual setup. */
export interface Changes extends Partial<Omit<Setup, 'options'>> {
  readonly options?: Partial<ContractOptions>
}

/** What a case can do and inspect. */
export interface Bench {
  /** Starts the framework once more, with these changes to the usual setup. */
  start(changes?: Changes): Promise<void>
  send(request: Outgoing): Promise<Incoming | undefined>
  /** Sends, and expects the handler to have run, once, with an answer of 204. */
  accepted(request: Outgoing): Promise<Webhook>
  /** Sends, and expects a problem document with this code, and that the handler never ran. */
  refused(request: Outgoing, code: string, status: number): Promise<Incoming>
  /** Sends, and expects the framework's own error handling to receive exactly this error. */
  failed(request: Outgoing, error: unknown): Promise<void>
  /** What the handler was given. */
  readonly handled: readonly Webhook[]
  readonly verdicts: readonly VerdictEvent[]
  readonly errors: readonly unknown[]
}

/** Runs the whole table against one framework. */
export function adapterContract(name: string, harness: Harness): void {
  const running: Running[] = []
  afterEach(async () => {
    for (const server of running.splice(0)) await server.close()
  })

  describe(`${name} keeps the adapter contract`, () => {
    const cannot = Object.entries(harness.cannot ?? {})
    const inapplicable = cannot.map(([title]) => title)
    for (const [title, run] of Object.entries(cases)) {
      if (!inapplicable.includes(title)) test(title, () => run(createBench(harness, running)))
    }
    // Every case runs if the framework can express it. The name of this test lists the others, with their reasons.
    const told = cannot.map(([title, reason]) => `${title} (${reason})`)
    if (told.length > 0) {
      test(`cannot express: ${told.join('; ')}`, () => {
        expect(Object.keys(cases)).toEqual(expect.arrayContaining(inapplicable))
        expect(cannot.filter(([, reason]) => !reason)).toEqual([])
      })
    }
  })
}

function createBench(harness: Harness, running: Running[]): Bench {
  const handled: Webhook[] = []
  const verdicts: VerdictEvent[] = []
  const errors: unknown[] = []
  let current: Running | undefined

  async function start({ options, handle, ...changes }: Changes = {}): Promise<void> {
    const usual = { secret: SECRET, now: () => NOW, maxBodyBytes: MAX_BODY_BYTES }
    current = await harness.start({
      options: { ...usual, onVerdict: (event) => verdicts.push(event), ...options },
      reject: undefined,
      before: 'nothing',
      handle: recorded(handle),
      onError: (error) => errors.push(error),
      ...changes,
    })
    running.push(current)
  }
  function recorded(handle: Setup['handle'] = () => {}): Setup['handle'] {
    return (webhook, request) => {
      handled.push(webhook)
      handle(webhook, request)
    }
  }
  async function send(request: Outgoing) {
    if (!current) await start()
    return current?.send(request)
  }

  return {
    start,
    send,
    handled,
    verdicts,
    errors,
    async accepted(request) {
      const before = handled.length
      const answer = await send(request)
      expect({ status: answer?.status, text: answer?.text }).toEqual({ status: 204, text: '' })
      expect(handled).toHaveLength(before + 1)
      return handled.at(-1) as Webhook
    },
    async refused(request, code, status) {
      const before = handled.length
      const answer = await send(request)
      if (!answer) throw new Error('the connection closed without an answer')
      expect(handled).toHaveLength(before)
      expect(problem(answer)).toMatchObject({ code, status })
      expect(answer.status).toBe(status)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(answer.headers.get('cache-control')).toBe('no-store')
      return answer
    },
    async failed(request, error) {
      const answer = await send(request)
      expect(answer?.status).toBe(500)
      expect(answer?.headers.get('content-type') ?? '').not.toContain('problem')
      expect(errors).toEqual([error])
      expect(errors[0]).toBe(error)
    },
  }
}

function problem({ status, text }: Incoming): object {
  try {
    return JSON.parse(text)
  } catch {
    return { status, text }
  }
}
