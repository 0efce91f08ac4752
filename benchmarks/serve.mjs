// One server in a process of its own: `node serve.mjs <piece> <contestant>` prints the port it listens on.
import { setTimeout } from 'node:timers/promises'

const [piece, name] = process.argv.slice(2)
const { servers } = await import(`./pieces/${piece}.mjs`)
await servers[name]((port) => console.log(port))

/** For the piece `allocation`: from one collection to the next, this number only grows. */
process.on('message', async (asked) => {
  if (asked === 'collect') {
    gc()
    // Another thread frees the buffers.
    await setTimeout(200)
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  process.send(heapUsed + arrayBuffers)
})
