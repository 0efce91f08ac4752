// `await verify(body, headers)`, JSON parsed, against the libraries one would use otherwise.
import { createVerifier } from 'countersign'
import * as standardwebhooks from 'standardwebhooks'
import * as svix from 'svix'
import { speedRatio, timed } from '../compare.mjs'
import { jsonBody, SECRET, signedHeaders } from '../delivery.mjs'

const SIZES = { '1 KiB': [1024, 5], '20 KiB': [20480, 7] }
const PEERS = { standardwebhooks, svix }
const text = Buffer.from(SECRET).toString('base64')

export const contestants = {}
for (const [label, [size]] of Object.entries(SIZES)) {
  contestants[`ours ${label}`] = () => contestant(createVerifier({ secret: text }), size)
  for (const [name, { Webhook }] of Object.entries(PEERS)) {
    contestants[`${name} ${label}`] = () => {
      const webhook = new Webhook(text)
      return contestant((body, headers) => webhook.verify(body, headers), size)
    }
  }
}

// Each gets the Buffer that arrived; both peers turn it into text themselves.
function contestant(verify, size) {
  const body = jsonBody(size)
  const headers = signedHeaders(body)
  return { run: () => verify(body, headers) }
}

export async function run() {
  const rows = []
  for (const [label, [, least]] of Object.entries(SIZES)) {
    for (const name of Object.keys(PEERS)) {
      rows.push(
        await speedRatio({
          measure: `\`verify\`, JSON parsed, ${label}: how much faster than \`${name}\``,
          ours: timed('peers', `ours ${label}`),
          theirs: timed('peers', `${name} ${label}`),
          least,
        }),
      )
    }
  }
  return { rows }
}
