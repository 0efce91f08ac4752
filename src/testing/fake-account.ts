import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Account } from '../account/models.js'
import { type OptionTable, resolveOptions, text } from '../base/options.js'
import { randomUuid } from '../base/platform.js'
import { generateSecret } from '../sign.js'
import {
  type FakeAccountFault,
  type FaultName,
  type FaultOptions,
  sendError,
  sendJson,
  toFault,
} from './faults.js'

export interface FakeAccountOptions {
  /** The bearer token that every call must have; another one is answered 401. Default: `token-` and a random UUID. */
  token?: string | undefined
  /** The first signing secret, as it is, so also one that no verifier would take. Default: `generateSecret()`. */
  secret?: string | undefined
}

const OPTIONS = {
  token: text(undefined),
  secret: text(undefined),
} satisfies OptionTable<FakeAccountOptions>

/** What is to happen at one call: the right answer, that of an account that has just been rotated, or a fault. */
export type FakeAccountStep =
  | 'answer'
  | 'rotate'
  | Exclude<FaultName, 'refuse'>
  | FaultOptions
  | FakeAccountFault

/** The account API on a loopback port: bearer check, retrieve, rotate, errors as google.rpc.Status. */
export interface FakeAccount {
  /** `http://127.0.0.1:` and the port, for `accountSecret({ baseUrl })`. */
  readonly baseUrl: string
  /** A free port that the system chose. The same one serves again after `fail('refuse')`. */
  readonly port: number
  /** The bearer token that every call must have. */
  readonly token: string
  /** The signing secret now. */
  readonly secret: string
  /** Every secret there has been, oldest first. */
  readonly secrets: readonly string[]
  /** Every call so far, as `METHOD path`. */
  readonly calls: readonly string[]
  /** Replaces the secret as somebody else's call would. Returns the new one. */
  rotate(secret?: string): string
  /**
   * Does this at every call until it is taken away again: `'hang'`, `'reset'`, `'garbage'`, `'huge'`, `'missing'` (no secret in the
   * answer), `{ status: 503, retryAfter: 1 }`, `{ delay: 2 }`, or a function. `'refuse'` closes the port, from when the promise resolves.
   */
  fail(fault: FakeAccountFault | FaultName | FaultOptions | undefined): Promise<void>
  /** What happens at the next calls, one step for each; afterwards the API answers as it should. Replaces what is left of a script. */
  script(...steps: readonly FakeAccountStep[]): void
  /** Closes the port and every connection, also those of calls that hang. A second call has no effect. A test that forgets it still ends. */
  close(): Promise<void>
  /** For `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts an account API for tests: a real HTTP server on loopback, which does not keep the process alive.
 *
 * Rejects with a `TypeError` for an unknown or invalid option, and if the runtime has no `node:http`.
 *
 * @example
 * ```ts
 * import { accountSecret } from 'countersign/account'
 * import { fakeAccount } from 'countersign/testing'
 * const account = await fakeAccount()
 * const secret = accountSecret({ token: account.token, baseUrl: account.baseUrl })
 * account.rotate()
 * await account.close()
 * ```
 */
export async function fakeAccount(options: FakeAccountOptions = {}): Promise<FakeAccount> {
  const settings = resolveOptions(options, OPTIONS)
  const { token = `token-${randomUuid()}`, secret = generateSecret() } = settings
  const { createServer } = nodeHttp()
  const secrets = [secret]
  const calls: string[] = []
  let fault: FakeAccountFault | undefined
  let steps: FakeAccountFault[] = []

  function rotate(secret = generateSecret()): string {
    secrets.push(secret)
    return secret
  }
  function current(): string {
    return secrets.at(-1) ?? ''
  }

  function toStep(step: FakeAccountStep): FakeAccountFault {
    if (step === 'answer') return (_request, _response, answer) => answer()
    if (step !== 'rotate') return toFault(step)
    return (_request, _response, answer) => {
      rotate()
      answer()
    }
  }

  const routes: Record<string, () => object> = {
    'GET /v1/account': () => accountOf(current()),
    'POST /v1/account:rotateWebhookSigningKey': () => ({ webhookEventsHmacSecret: rotate() }),
  }

  const server = createServer((request, response) => {
    request.resume()
    const call = `${request.method} ${request.url}`
    calls.push(call)
    const answer = (): void => reply(request, response)
    const step = steps.shift() ?? fault
    if (step) step(request, response, answer)
    else answer()
  })

  function reply(request: IncomingMessage, response: ServerResponse): void {
    const call = `${request.method} ${request.url}`
    const route = routes[call]
    if (request.headers.authorization !== `Bearer ${token}`) {
      sendError(response, 401, { message: 'invalid bearer token' })
    } else if (!route) sendError(response, 404, { message: `no method at ${call}` })
    else sendJson(response, 200, route())
  }
  // A test that forgets to close it still ends, at once: neither the port nor a connection kept open for a next call holds it up.
  server.unref()
  server.on('connection', (socket) => socket.unref())
  await listen(server, 0)
  const { port } = server.address() as AddressInfo

  async function fail(next: Parameters<FakeAccount['fail']>[0]): Promise<void> {
    if (next === 'refuse') return close(server)
    fault = next && toFault(next)
    if (!server.listening) await listen(server, port)
  }

  return {
    baseUrl: `http://127.0.0.1:${port}`,
    port,
    token,
    secrets,
    calls,
    get secret() {
      return current()
    },
    rotate,
    fail,
    script(...next) {
      steps = next.map(toStep)
    },
    close: () => close(server),
    [Symbol.asyncDispose]: () => close(server),
  }
}

// Neither import: a static one would keep edge runtimes from loading this file, and a dynamic one fails in Jest's CommonJS.
function nodeHttp(): typeof import('node:http') {
  const http = globalThis.process?.getBuiltinModule?.('node:http')
  if (http) return http
  throw new TypeError(
    'fakeAccount needs node:http, which this runtime does not offer: run this test in Node, Bun or Deno',
  )
}

function accountOf(secret: string): Account {
  const metadata = {
    id: 'acc_1',
    accountId: 'acc_1',
    name: 'Test account',
    createdAt: '2026-01-01T00:00:00Z',
  }
  return { metadata, spec: { description: 'for tests' }, info: { webhookEventsHmacSecret: secret } }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
}

/** Closes the port and what is open on it; without effect if it is closed already. */
function close(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve()
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
    server.closeAllConnections()
  })
}
