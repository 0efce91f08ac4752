import { Worker } from 'node:worker_threads'

const ROOM = 1 << 16
/** Seconds of processor time, so that a busy machine does not count. */
const PATIENCE = 60

/** Ends the process if an input keeps this thread busy for ever, and prints the inputs that run: only another thread can. */
export function createWatchdog(): {
  readonly onInputs: (target: string, inputs: readonly unknown[]) => void
  stop(): void
} {
  const shared = new SharedArrayBuffer(ROOM + 4)
  const text = new Uint8Array(shared, 4)
  const beats = new Int32Array(shared, 0, 1)
  const worker = new Worker(WATCH, { eval: true, workerData: { shared, patience: PATIENCE } })
  worker.unref()
  return {
    onInputs(target, inputs) {
      const bytes = Buffer.from(`${target} ${JSON.stringify(inputs)}\0`)
      text.set(bytes.subarray(0, ROOM))
      Atomics.add(beats, 0, 1)
    },
    stop: () => void worker.terminate(),
  }
}

const WATCH = `
const { workerData: { shared, patience } } = require('node:worker_threads')
const beats = new Int32Array(shared, 0, 1)
let last = 0
let start = process.cpuUsage()
setInterval(() => {
  const now = Atomics.load(beats, 0)
  const { user } = process.cpuUsage(start)
  if (now === last && now > 0 && user > patience * 1e6) {
    const text = Buffer.from(Buffer.from(shared, 4)).toString()
    require('node:fs').writeSync(2, '\\nFIND it ends: no end within ' + patience + ' s, one of: ' + text.slice(0, text.indexOf('\\0')) + '\\n')
    process.kill(process.pid, 'SIGKILL')
  }
  if (now !== last) start = process.cpuUsage()
  last = now
}, 5000)
`
