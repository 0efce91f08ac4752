import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Account } from '../account/models.js'
import { type Resolved, resolveOptions } from '../options.js'
import { generateSecret } from '../sign.js'

export interface FakeAccountOptions {
  /** Bearer token that the API asks for. Default: a random one. */
  token?: string | undefined
  /** The first signing secret. Default: a random one. */
  secret?: string | undefined
}

/** What the API does instead of answering as it should. */
export type FakeAccountFault = (request: IncomingMessage, response: ServerResponse) => void

/** The account API on a loopback port: bearer check, retrieve, rotate, errors as google.rpc.Status. */
export interface FakeAccount {
  readonly baseUrl: string
  readonly token: string
  /** The signing secret now. */
  readonly secret: string
  /** Every secret there has been, oldest first. */
  readonly secrets: readonly string[]
  /** Every call so far, as `METHOD path`. */
  readonly calls: readonly string[]
  /** Replaces the secret as somebody else's call would. Returns the new one. */
  rotate(secret?: string): string
  /** Answers every call with this fault until it is taken away again. */
  fail(fault: FakeAccountFault | undefined): void
  close(): Promise<void>
}

/**
 * Starts an account API for tests: a real HTTP server on loopback.
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
  const { token, secret } = resolveOptions<Resolved<FakeAccountOptions>>(options, {
    token: `token-${crypto.randomUUID()}`,
    secret: generateSecret(),
  })
  const { createServer } = await import('node:http')
  const secrets = [secret]
  const calls: string[] = []
  let fault: FakeAccountFault | undefined

  function rotate(secret = generateSecret()): string {
    secrets.push(secret)
    return secret
  }
  function current(): string {
    return secrets.at(-1) ?? ''
  }

  const routes: Record<string, () => object> = {
    'GET /v1/account': () => accountOf(current()),
    'POST /v1/account:rotateWebhookSigningKey': () => ({ webhookEventsHmacSecret: rotate() }),
  }

  const server = createServer((request, response) => {
    request.resume()
    const call = `${request.method} ${request.url}`
    calls.push(call)
    if (fault) return fault(request, response)
    if (request.headers.authorization !== `Bearer ${token}`) {
      return sendJson(response, 401, rpcError(16, 'invalid bearer token'))
    }
    const route = routes[call]
    if (!route) return sendJson(response, 404, rpcError(5, `no method at ${call}`))
    sendJson(response, 200, route())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    baseUrl: `http://127.0.0.1:${port}`,
    token,
    secrets,
    calls,
    get secret() {
      return current()
    },
    rotate,
    fail(next) {
      fault = next
    },
    close: () => close(server),
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** google.rpc.Status as JSON. */
function rpcError(code: number, message: string): object {
  return { code, message, details: [] }
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

function close(server: Server): Promise<void> {
  server.closeAllConnections()
  // Closed twice is closed.
  return new Promise((resolve) => server.close(() => resolve()))
}
