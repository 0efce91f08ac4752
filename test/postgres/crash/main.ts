// `tsx test/postgres/crash/main.ts [--seconds N] [--deliveries N] [--kill-every N] …`, as in plan.ts: both runs, with commitWith and without.
import { postgresIsInstalled, startPostgres } from '../postgres-server.js'
import { crash } from './run.js'

if (!postgresIsInstalled) process.exit(0)

// What a process that ended had committed lies in the page cache: a flush would only guard against the end of the whole machine.
const server = await startPostgres({ max_connections: '200' })
const results = [await crash(server, true), await crash(server, false)]
await server.close()
const passed = results.filter(Boolean).length
console.log(`crash: ${passed} of ${results.length} pass`)
process.exit(passed === results.length ? 0 : 1)
