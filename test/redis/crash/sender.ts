import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { signedRequest } from 'countersign/testing'
import { PLAN, SECRET } from './plan.js'
import type { Workers } from './workers.js'

/** How often each status was answered; 0 for a connection that broke. */
export type Answers = Map<number, number>

const agent = new Agent({ keepAlive: true, maxSockets: 400 })

/** Sends one delivery in several copies at once, each to any process, each until it is answered 2xx. Resolves to how many never were. */
export async function deliver(id: string, workers: Workers, answers: Answers): Promise<number> {
  const copies = Array.from({ length: PLAN.copies }, () => deliverCopy(id, workers, answers))
  return (await Promise.all(copies)).filter((isDone) => !isDone).length
}

async function deliverCopy(id: string, workers: Workers, answers: Answers): Promise<boolean> {
  for (let attempt = 0; attempt < PLAN.attempts; attempt++) {
    const status = await send(id, workers.pick()?.port)
    answers.set(status, (answers.get(status) ?? 0) + 1)
    if (status >= 200 && status < 300) return true
    await sleep(50 + Math.random() * Math.min(1_000, 50 * 2 ** attempt))
  }
  return false
}

async function send(id: string, port: number | undefined): Promise<number> {
  if (port === undefined) return 0
  const { body, headers } = await signedRequest({ secret: SECRET, id, payload: { id } })
  return new Promise((resolve) => {
    const outgoing = request(
      { agent, port, host: '127.0.0.1', path: '/webhooks', method: 'POST', headers },
      (response) => {
        response.resume()
        response.once('end', () => resolve(response.statusCode ?? 0))
        response.once('close', () => resolve(0))
      },
    )
    outgoing.once('error', () => resolve(0))
    outgoing.setTimeout(15_000, () => outgoing.destroy())
    outgoing.end(body)
  })
}
