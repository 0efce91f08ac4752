// `await verify(body, headers)`, JSON parsed, against the libraries one would use otherwise.
import { createVerifier } from 'countersign'
import * as standardwebhooks from 'standardwebhooks'
import * as svix from 'svix'
import { speedRatio, timed } from '../compare.mjs'
import { jsonBody, recordsBody, SECRET, signedHeaders } from '../delivery.mjs'

const BODIES = {
  '1 KiB of text': { body: () => jsonBody(1024), least: 5 },
  '20 KiB of text': { body: () => jsonBody(20480), least: 7 },
  '1 KiB of small records': { body: () => recordsBody(1024), least: 5 },
  '20 KiB of small records': { body: () => recordsBody(20480), least: 7 },
}
const PEERS = { standardwebhooks, svix }
const text = Buffer.from(SECRET).toString('base64')

export const contestants = {}
for (const [label, { body }] of Object.entries(BODIES)) {
  contestants[`ours ${label}`] = () => contestant(createVerifier({ secret: text }), body())
  contestants[`JSON.parse ${label}`] = () => {
    const bytes = body()
    return { run: () => JSON.parse(bytes.toString()) }
  }
  for (const [name, { Webhook }] of Object.entries(PEERS)) {
    contestants[`${name} ${label}`] = () => {
      const webhook = new Webhook(text)
      return contestant((bytes, headers) => webhook.verify(bytes, headers), body())
    }
  }
}

// Each gets the Buffer that arrived; both peers turn it into text themselves.
function contestant(verify, body) {
  const headers = signedHeaders(body)
  return { run: () => verify(body, headers) }
}

export async function run() {
  const rows = []
  for (const [label, { least }] of Object.entries(BODIES)) {
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
