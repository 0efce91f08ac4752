// `npm start`: an account, an app that verifies, and a sender that tries everything; `npm start -- --listen` shows every delivery on a live page.
import { startDemo } from './app.js'
import { listen } from './listen.js'
import { printAnswered, printColumns, printHeading, printSummary } from './report.js'
import { type Answered, authentic, hostile, type Outgoing, send, signatureList } from './sender.js'

async function play(): Promise<boolean> {
  const { account, url, handled, close } = await startDemo()
  const all: Answered[] = []
  const deliver = async (outgoing: Outgoing): Promise<void> => {
    const answered = await send(url, outgoing)
    all.push(answered)
    printAnswered(answered)
  }

  console.log(`Account API ${account.baseUrl}   Express app ${url}`)

  printHeading('Authentic deliveries')
  printColumns()
  await deliver(await authentic('authentic', account.secret))
  await deliver(await signatureList(account.secret))

  printHeading('What must be refused (503: the key may have changed a moment ago, so try again)')
  printColumns()
  for (const outgoing of await hostile(account.secret)) await deliver(outgoing)

  printHeading('The key rotates while deliveries are in flight')
  printColumns()
  const [oldKey] = account.secrets
  const inFlight: Promise<void>[] = []
  for (let n = 1; n <= 12; n++) {
    if (n === 7) account.rotate()
    const key = account.secret === oldKey ? 'old key' : 'new key'
    inFlight.push(deliver(await authentic(`authentic ${n}, ${key}`, account.secret)))
  }
  await Promise.all(inFlight)
  await deliver(await authentic('authentic, still the old key', String(oldKey)))
  await deliver(await authentic('authentic, new key', account.secret))

  const isRight = printSummary(all, handled)
  console.log(`  calls of the account API:              ${account.calls.length}`)
  console.log('\n  See every delivery on a page: npm start -- --listen')
  await close()
  return isRight
}

if (process.argv.includes('--listen')) {
  await listen()
} else {
  process.exitCode = (await play()) ? 0 : 1
}
