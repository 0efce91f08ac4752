// The program under test, in a process of its own: an Express app as the README shows it.

import express from 'express'
import { accountSecret, verifyWebhook } from './built.mjs'

const { token, baseUrl, overlap } = JSON.parse(process.argv[2])
const reasons = {}
let unhandled = 0
process.on('unhandledRejection', () => {
  unhandled += 1
})
const secret = accountSecret({
  token,
  baseUrl,
  overlap,
  onError: ({ reason }) => {
    reasons[reason] = (reasons[reason] ?? 0) + 1
  },
})

const app = express()
app.post('/webhooks', verifyWebhook({ secret }), (_request, response) => {
  response.sendStatus(204)
})
const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
server.keepAliveTimeout = 60_000

const commands = {
  report() {
    globalThis.gc()
    const { heapUsed } = process.memoryUsage()
    process.send({ heapUsed, reasons, unhandled, status: secret.status() })
  },
  rotate: () => secret.rotate().catch(() => {}),
}
process.on('message', (command) => commands[command]())
process.on('disconnect', () => process.exit())
