// `await verify(body, headers)` against the least one would write by hand.
import { createVerifier } from 'countersign'
import { verifyByHand } from '../baselines.mjs'
import { timed, timeRatio } from '../compare.mjs'
import { jsonBody, recordsBody, SECRET, signedHeaders } from '../delivery.mjs'

const SIZES = { '300 B': 300, '1 KiB': 1024, '20 KiB': 20480 }

export const contestants = {}
for (const [label, size] of Object.entries(SIZES)) {
  contestants[`ours ${label}`] = () =>
    contestant(createVerifier({ secret: SECRET, parse: 'none' }), jsonBody(size))
  contestants[`hand ${label}`] = () => contestant(verifyByHand(SECRET), jsonBody(size))
}
contestants['ours records'] = () =>
  contestant(createVerifier({ secret: SECRET }), recordsBody(20480))
contestants['hand records'] = () => {
  const verify = verifyByHand(SECRET)
  return contestant(async (body, headers) => {
    await verify(body, headers)
    return JSON.parse(body.toString())
  }, recordsBody(20480))
}

function contestant(verify, body) {
  const headers = signedHeaders(body)
  return { run: () => verify(body, headers) }
}

export async function run() {
  const rows = []
  for (const label of Object.keys(SIZES)) {
    rows.push(
      await timeRatio({
        measure: `\`verify\`, payload not parsed, ${label}, against hand-written \`node:crypto\``,
        ours: timed('verify', `ours ${label}`),
        theirs: timed('verify', `hand ${label}`),
        most: 1,
      }),
    )
  }
  rows.push(
    await timeRatio({
      measure:
        '`verify`, JSON parsed, 20 KiB of small records, against hand-written `node:crypto` and `JSON.parse`',
      ours: timed('verify', 'ours records'),
      theirs: timed('verify', 'hand records'),
      most: 1,
    }),
  )
  return { rows }
}
