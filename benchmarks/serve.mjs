// One server in a process of its own: `node serve.mjs <piece> <contestant>` prints the port it listens on.
const [piece, name] = process.argv.slice(2)
const { servers } = await import(`./pieces/${piece}.mjs`)
await servers[name]((port) => console.log(port))

/** For the piece `allocation`: without a collection in between, this number only grows. */
process.on('message', (asked) => {
  if (asked !== 'allocated') return
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  process.send(heapUsed + arrayBuffers)
})
