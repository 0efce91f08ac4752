import type { Waiting } from '../base/within.js'
import { type Execute, has, type PgClient, type PgPool } from './postgres-database.js'

/** If a statement still waits for a connection when the time is over, it is never sent. If it was sent, its connection is closed. */
export function onPool(pool: PgPool): Execute {
  listen(pool)
  const query = createQuery()
  return async (text, params, waiting) => {
    const client = await pool.connect()
    if (waiting.isOver) return client.release()
    // A client from a pool has no listener, and an error without a listener ends the process.
    client.on('error', ignore)
    let isLent = true
    waiting.giveUp = () => {
      isLent = false
      client.release(true)
    }
    try {
      return await query(client, text, params, waiting)
    } finally {
      // A closed connection still reports its end.
      if (isLent) client.off('error', ignore).release()
    }
  }
}

/** Runs statements one after another, so that a statement can be skipped if its time is over. */
export function onClient(client: PgClient): Execute {
  listen(client)
  const query = createQuery()
  let last: Promise<unknown> = Promise.resolve()
  return (text, params, waiting) => {
    const answer = last.then(() =>
      waiting.isOver ? undefined : query(client, text, params, waiting),
    )
    last = answer.catch(ignore)
    return answer
  }
}

type Query = (
  client: PgClient,
  text: string,
  params: string[],
  waiting: Waiting,
) => Promise<unknown>

/** Prepared statements take half the time. Some poolers lose them and report an error. From then on every statement is sent as text. */
function createQuery(): Query {
  let isPrepared = true
  // Naming a statement costs more than everything else that is done here for it.
  const names = new Map<string, string>()
  return async function query(client, text, params, waiting) {
    if (!isPrepared || params.length === 0) return client.query(text, params)
    const name = names.get(text) ?? nameOf(text)
    names.set(text, name)
    try {
      return await client.query({ name, text, values: params })
    } catch (error) {
      if (!/^(26000|42P05)$/.test(Object(error).code) || waiting.isOver) throw error
      isPrepared = false
      return client.query(text, params)
    }
  }
}

/** The same name for the same text only, also beside another copy of the package. */
function nameOf(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return `countersign_${text.length}_${hash >>> 0}`
}

/** Without a listener, a connection that breaks while it is idle ends the process. Failed statements are reported anyway. */
function listen(emitter: object): void {
  if (!has(emitter, 'listenerCount')) return
  const { on, listenerCount } = emitter as NodeJS.EventEmitter
  if (listenerCount.call(emitter, 'error') === 0) on.call(emitter, 'error', ignore)
}

function ignore(): void {}
