// `await verify(body, headers)` against the least one would write by hand.
import { createVerifier } from 'countersign'
import { verifyByHand } from '../baselines.mjs'
import { timed, timeRatio } from '../compare.mjs'
import { jsonBody, SECRET, signedHeaders } from '../delivery.mjs'

const SIZES = { '300 B': 300, '1 KiB': 1024, '20 KiB': 20480 }

export const contestants = {}
for (const [label, size] of Object.entries(SIZES)) {
  contestants[`ours ${label}`] = () =>
    contestant(createVerifier({ secret: SECRET, parse: 'none' }), size)
  contestants[`hand ${label}`] = () => contestant(verifyByHand(SECRET), size)
}

function contestant(verify, size) {
  const body = jsonBody(size)
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
  return { rows }
}
