// Bytes per remembered delivery in a `memoryStore` of so many entries after so many deliveries, keys included: `node --expose-gc memory.mjs <entries> <deliveries>`. Prints bytes.
import { memoryStore } from '../../dist/esm/src/index.js'

const [entries, deliveries] = process.argv.slice(2).map(Number)
const store = memoryStore({ maxEntries: entries })

function key(i) {
  return `/webhooks msg_${String(i).padStart(27, '0')}`
}
function handle(i) {
  store.claim(key(i), { token: 'a', lease: 60 })
  store.commit(key(i), { token: 'a', ttl: 432_000 })
}

gc()
const before = process.memoryUsage().heapUsed
for (let i = 0; i < deliveries; i++) handle(i)
gc()
console.log((process.memoryUsage().heapUsed - before) / entries)
// Keeps the store from being collected before it is measured.
if (store.claim(key(deliveries - 1), { token: 'b', lease: 1 }).state !== 'done') throw new Error()
