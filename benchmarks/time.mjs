// One contestant in a process of its own: `node time.mjs <piece> <contestant>` prints nanoseconds per call.
import { median } from './statistics.mjs'

const [piece, name] = process.argv.slice(2)
const { contestants } = await import(`./pieces/${piece}.mjs`)
const { run, refuses = false, calls = 1 } = await contestants[name]()

/** A contestant that does not do what it says is not measured. */
async function assertOutcome() {
  const refused = await Promise.resolve(run()).then(
    () => false,
    () => true,
  )
  if (refused !== refuses) throw new Error(`${name} should ${refuses ? 'refuse' : 'accept'}`)
}

async function batch(times) {
  const start = process.hrtime.bigint()
  for (let index = 0; index < times; index++) {
    try {
      await run()
    } catch {}
  }
  return Number(process.hrtime.bigint() - start)
}

async function timesThatTake(nanoseconds) {
  let times = 1
  let took = await batch(times)
  while (took < nanoseconds) {
    times *= 2
    took = await batch(times)
  }
  return times
}

const BATCH = 6e7

await assertOutcome()
await batch((await timesThatTake(BATCH)) * 3)
const times = await timesThatTake(BATCH)
const batches = []
for (let index = 0; index < 7; index++) batches.push((await batch(times)) / times / calls)
console.log(median(batches))
