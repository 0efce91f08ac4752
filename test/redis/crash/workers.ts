import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { PLAN, SECRET } from './plan.js'

/** A receiving process and the file it writes down what it did in. */
export interface Worker {
  readonly ledger: string
  readonly port: number
  /** Milliseconds since the epoch; `undefined` for one that was not killed. */
  killedAt: number | undefined
}

/** Several receiving processes; one that ends is replaced. */
export interface Workers {
  readonly all: readonly Worker[]
  /** Ended without having been killed: a crash of our own. */
  readonly crashes: () => number
  /** Any that is up. */
  pick(): Worker | undefined
  /** Kills one, as a machine that goes away does; `false` where only one is left. */
  killOne(): boolean
  close(): void
}

const file = fileURLToPath(new URL('worker.mjs', import.meta.url))

export async function startWorkers(
  count: number,
  { folder, redisPort }: { folder: string; redisPort: number },
): Promise<Workers> {
  const all: Worker[] = []
  const children = new Set<ChildProcess>()
  const up = new Map<ChildProcess, Worker>()
  let crashes = 0
  let isClosed = false

  async function start(place: number): Promise<void> {
    const ledger = `${folder}/worker-${all.length}.log`
    const library = place % 2 === 0 ? 'redis' : 'ioredis'
    const worker: Worker = { ledger, port: 0, killedAt: undefined }
    all.push(worker)
    const setup = { ledger, redisPort, library, secret: SECRET, plan: PLAN }
    const child = fork(file, [JSON.stringify(setup)], { execArgv: [] })
    children.add(child)
    child.once('exit', () => {
      children.delete(child)
      up.delete(child)
      if (isClosed) return
      if (worker.killedAt === undefined) crashes++
      start(place)
    })
    const port = await new Promise<number>((resolve) =>
      child.once('message', (message) => resolve(Number(message))),
    )
    up.set(child, Object.assign(worker, { port }))
  }
  await Promise.all(Array.from({ length: count }, (_, place) => start(place)))

  return {
    all,
    crashes: () => crashes,
    pick() {
      const workers = [...up.values()]
      return workers[Math.floor(Math.random() * workers.length)]
    },
    killOne() {
      const candidates = [...up.keys()]
      const child = candidates[Math.floor(Math.random() * candidates.length)]
      const worker = child && up.get(child)
      if (!worker || candidates.length < 2) return false
      worker.killedAt = Date.now()
      return child.kill('SIGKILL')
    },
    close() {
      isClosed = true
      for (const child of children) child.kill('SIGKILL')
    },
  }
}
