// The table of the package's README: some rows of this folder's README, one column for each Node that was measured.
import { join } from 'node:path'
import { readPart, writePart } from './markers.mjs'

const here = import.meta.dirname
const NODES = ['20', '26']

/** What the package's README shows, by the text of the row. */
const ROWS = [
  '`verify`, payload not parsed, 1 KiB, against hand-written `node:crypto`',
  '`verify`, JSON parsed, 20 KiB of small records, against hand-written `node:crypto` and `JSON.parse`',
  '`verify`, JSON parsed, 1 KiB of text: how much faster than `standardwebhooks`',
  '`verify`, JSON parsed, 20 KiB of text: how much faster than `standardwebhooks`',
  'Express 5: server processor time per request, 1 KiB, against `express.raw()`, hand-written HMAC and `JSON.parse`',
  'Express 5: server processor time per request, 1 KiB, against `express.json()` that verifies nothing',
  'Hono on `@hono/node-server`: server processor time per request, 1 KiB, against `arrayBuffer()`, hand-written HMAC and `JSON.parse`',
  'Fastify 5: server processor time per request, 1 KiB, against a parser as buffer, hand-written HMAC and `JSON.parse`',
  'Koa 3: server processor time per request, 1 KiB, against `data` listeners, hand-written HMAC and `JSON.parse`',
  '`node:http`: server processor time per request, 1 KiB, against `data` listeners, hand-written HMAC and `JSON.parse`',
  'refusing a forgery, 1 KiB, over HTTP (Express 5, server processor time), against accepting',
  'workerd: `verify`, 1 KiB, against hand-written `crypto.subtle.verify`',
  '`import` of `countersign/express`, cold, beyond an empty file',
]

/** Cells of the column "measured", by the text of the row. */
function measured(node) {
  const part = readPart(join(here, 'README.md'), `results of Node ${node}`) ?? ''
  const cells = part.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  return new Map(cells.map(([, measure, , result]) => [measure, result?.replace(' ✗', '')]))
}

export function writeSummary() {
  const columns = NODES.map(measured)
  const cells = (measure) => columns.map((column) => column.get(measure) ?? '–').join(' | ')
  const known = ROWS.filter((measure) => columns.some((column) => column.has(measure)))
  const lines = [
    `| | ${NODES.map((node) => `Node ${node}`).join(' | ')} |`,
    '|---|---|---|',
    ...known.map((measure) => `| ${measure} | ${cells(measure)} |`),
  ]
  writePart(join(here, '../README.md'), 'speed', lines.join('\n'))
}
