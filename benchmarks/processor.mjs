// Processor time of a server per request, over a fixed number of requests. On a shared machine it is steadier than throughput.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { sendMany } from './requests.mjs'
import { withServer } from './server.mjs'

const WARM_UP = 10_000
const REQUESTS = 20_000
const NANOSECONDS_PER_TICK = 1e9 / Number(execFileSync('getconf', ['CLK_TCK']))

/** A side of a ratio: nanoseconds of the server's processor time per request, garbage collection and compilation included. */
export function processorTime(piece, contestant, kind = 'authentic') {
  return () =>
    withServer(piece, contestant, async (port, { pid }) => {
      await sendMany(port, kind, WARM_UP)
      const before = ticks(pid)
      await sendMany(port, kind, REQUESTS)
      return ((ticks(pid) - before) * NANOSECONDS_PER_TICK) / REQUESTS
    })
}

/** utime + stime of all threads (proc(5), fields 14 and 15). The name of the program before them may hold spaces. */
function ticks(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}
