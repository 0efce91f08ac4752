import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { signedRequest } from 'countersign/testing'
import { SECRET } from '../../redis/crash/plan.js'
import type { Answers } from '../../redis/crash/sender.js'
import type { Workers } from '../../redis/crash/workers.js'
import { PLAN } from './plan.js'

const agent = new Agent({ keepAlive: true })

interface Sending {
  readonly id: string
  readonly headers: object
  readonly body: string
}

/** Sends deliveries in several copies, all of them in one request for each copy, each until it is answered 2xx. Resolves to how many copies never were. */
export async function deliverBatch(
  ids: readonly string[],
  workers: Workers,
  answers: Answers,
): Promise<number> {
  const sendings = await Promise.all(ids.map(sign))
  const copies = Array.from({ length: PLAN.copies }, () =>
    deliverCopies(sendings, workers, answers),
  )
  return (await Promise.all(copies)).reduce((sum, each) => sum + each, 0)
}

async function sign(id: string): Promise<Sending> {
  const body = JSON.stringify({ id })
  const { headers } = await signedRequest({ secret: SECRET, id, body })
  return { id, headers, body }
}

async function deliverCopies(
  sendings: readonly Sending[],
  workers: Workers,
  answers: Answers,
): Promise<number> {
  let left = sendings
  for (let attempt = 0; attempt < PLAN.attempts && left.length > 0; attempt++) {
    const statuses = await send(left, workers.pick()?.port)
    const of = (place: number): number => statuses?.[place] ?? 0
    for (const place of left.keys()) answers.set(of(place), (answers.get(of(place)) ?? 0) + 1)
    left = left.filter((_, place) => of(place) < 200 || of(place) > 299)
    // A copy of a delivery whose process died waits for the lease.
    if (left.length > 0) await sleep(100 + Math.random() * Math.min(1_000, 100 * 2 ** attempt))
  }
  return left.length
}

function send(sendings: readonly Sending[], port?: number): Promise<number[] | undefined> {
  if (port === undefined) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const options = { agent, port, host: '127.0.0.1', path: '/batch', method: 'POST' }
    const outgoing = request(
      { ...options, headers: { 'content-type': 'application/json' } },
      async (response) => {
        try {
          resolve(JSON.parse((await response.toArray()).join('')))
        } catch {
          resolve(undefined)
        }
      },
    )
    outgoing.once('error', () => resolve(undefined))
    outgoing.setTimeout(30_000, () => outgoing.destroy())
    outgoing.end(JSON.stringify(sendings))
  })
}
