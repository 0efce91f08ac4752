import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** A receiving process and the file that it logs its steps to. */
export interface Worker {
  readonly ledger: string
  readonly port: number
  /** Milliseconds since the epoch; `undefined` for one that was not killed. */
  killedAt: number | undefined
  /** When it was stopped, like a suspended machine: milliseconds since the epoch. */
  readonly pauses: { readonly from: number; to: number }[]
}

/** What runs: a file and, as JSON, its one argument. */
export interface Program {
  readonly folder: string
  readonly file: string
  setup(place: number, ledger: string): object
}

/** The exit code of a process that its client library has ended. It counts as killed, and is not our fault. */
export const ENDED_BY_CLIENT = 70

/** Several receiving processes; one that ends is replaced. */
export interface Workers {
  readonly all: readonly Worker[]
  /** Ended although nobody killed it: a crash of our own. */
  readonly crashes: () => number
  /** Any that is up. */
  pick(): Worker | undefined
  /** Kills one, like a machine that fails; `false` if only one is left. */
  killOne(): boolean
  /** Stops one for so many milliseconds; `false` if only one is left. */
  pauseOne(milliseconds: number): Promise<boolean>
  close(): void
}

export async function startWorkers(
  count: number,
  { folder, file, setup }: Program,
): Promise<Workers> {
  const all: Worker[] = []
  const children = new Set<ChildProcess>()
  const up = new Map<ChildProcess, Worker>()
  let crashes = 0
  let isClosed = false

  async function start(place: number): Promise<void> {
    const ledger = `${folder}/worker-${all.length}.log`
    const worker: Worker = { ledger, port: 0, killedAt: undefined, pauses: [] }
    all.push(worker)
    const child = fork(file, [JSON.stringify(setup(place, ledger))], { execArgv: [] })
    children.add(child)
    child.once('exit', (code) => {
      children.delete(child)
      up.delete(child)
      if (isClosed) return
      if (code === ENDED_BY_CLIENT) worker.killedAt = Date.now()
      if (worker.killedAt === undefined) crashes++
      start(place)
    })
    const port = await new Promise<number>((resolve) =>
      child.once('message', (message) => resolve(Number(message))),
    )
    up.set(child, Object.assign(worker, { port }))
  }
  await Promise.all(Array.from({ length: count }, (_, place) => start(place)))

  /** Takes one out of the rotation, unless it is the last. */
  function takeOne(): [ChildProcess, Worker] | undefined {
    const candidates = [...up]
    const taken = candidates[Math.floor(Math.random() * candidates.length)]
    if (!taken || candidates.length < 2) return undefined
    up.delete(taken[0])
    return taken
  }

  return {
    all,
    crashes: () => crashes,
    pick() {
      const workers = [...up.values()]
      return workers[Math.floor(Math.random() * workers.length)]
    },
    killOne() {
      const [child, worker] = takeOne() ?? []
      if (!child || !worker) return false
      worker.killedAt = Date.now()
      return child.kill('SIGKILL')
    },
    async pauseOne(milliseconds) {
      const [child, worker] = takeOne() ?? []
      if (!child || !worker) return false
      const pause = { from: Date.now(), to: Number.POSITIVE_INFINITY }
      worker.pauses.push(pause)
      child.kill('SIGSTOP')
      await sleep(milliseconds)
      child.kill('SIGCONT')
      pause.to = Date.now()
      if (children.has(child)) up.set(child, worker)
      return true
    },
    close() {
      isClosed = true
      for (const child of children) child.kill('SIGKILL')
    },
  }
}
