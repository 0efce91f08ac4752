// Bytes allocated per call of a contestant, in a process of its own whose young generation has room for all of them.
import { setTimeout } from 'node:timers/promises'

const [piece, name] = process.argv.slice(2)
const { contestants } = await import(`./pieces/${piece}.mjs`)
const { run } = await contestants[name]()
const CALLS = 20_000

function allocated() {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

async function call() {
  for (let index = 0; index < CALLS; index++) await run()
}

await call()
gc()
// Another thread frees the buffers.
await setTimeout(200)
const before = allocated()
await call()
console.log((allocated() - before) / CALLS)
