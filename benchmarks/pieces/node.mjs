// A listener of node:http that verifies, against the same listener verified by hand.
import { createServer } from 'node:http'
import { webhookHandler } from 'countersign/node'
import { nodeHandListener } from '../baselines.mjs'
import { timeRatio } from '../compare.mjs'
import { SECRET } from '../delivery.mjs'
import { processorTime } from '../processor.mjs'

export const servers = {
  webhookHandler: (listening) =>
    listen(
      webhookHandler({ secret: SECRET }, (_request, response) => response.writeHead(204).end()),
      listening,
    ),
  hand: (listening) => listen(nodeHandListener(SECRET), listening),
}

function listen(listener, listening) {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1', () => listening(server.address().port))
}

export async function run() {
  const row = await timeRatio({
    measure:
      '`node:http`: server processor time per request, 1 KiB, against `data` listeners, hand-written HMAC and `JSON.parse`',
    ours: processorTime('node', 'webhookHandler'),
    theirs: processorTime('node', 'hand'),
    most: 1,
  })
  return { rows: [row] }
}
