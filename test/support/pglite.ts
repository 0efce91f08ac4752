import { Worker } from 'node:worker_threads'
import type { QueryClient } from 'countersign/postgres'

/** A Postgres inside this process. It runs in a worker, because Jest's sandbox cannot import it. */
export interface Database extends QueryClient {
  query(text: string, params?: string[]): Promise<Record<string, unknown>[]>
  close(): Promise<unknown>
}

const PROGRAM = `
const { parentPort } = require('node:worker_threads')
import('@electric-sql/pglite').then(async ({ PGlite }) => {
  const db = await PGlite.create()
  parentPort.on('message', ({ number, text, params }) => {
    const answered = params.length === 0 ? db.exec(text).then((all) => all.at(-1)) : db.query(text, params)
    answered.then(
      ({ rows }) => parentPort.postMessage({ number, rows }),
      ({ message, code }) => parentPort.postMessage({ number, failed: { message, code } }),
    )
  })
})`

export function startPglite(): Database {
  const worker = new Worker(PROGRAM, { eval: true })
  const waiting = new Map<number, (answer: { rows: []; failed?: { message: string } }) => void>()
  worker.on('message', (answer) => waiting.get(answer.number)?.(answer))
  let last = 0
  return {
    query: (text, params = []) =>
      new Promise((resolve, reject) => {
        const number = ++last
        waiting.set(number, ({ rows, failed }) => {
          waiting.delete(number)
          if (failed) reject(Object.assign(new Error(failed.message), failed))
          else resolve(rows)
        })
        worker.postMessage({ number, text, params })
      }),
    close: () => worker.terminate(),
  }
}
