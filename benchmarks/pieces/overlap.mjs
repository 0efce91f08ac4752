// Two keys during an overlap, the delivery signed with the older one, against one key.
import { createVerifier } from 'countersign'
import { timed, timeRatio } from '../compare.mjs'
import { jsonBody, SECRET, signedHeaders, WRONG_SECRETS } from '../delivery.mjs'

export const contestants = {
  'one key': () => contestant(SECRET),
  'two keys': () => contestant([WRONG_SECRETS[0], SECRET]),
}

function contestant(secret) {
  const verify = createVerifier({ secret, parse: 'none' })
  const body = jsonBody(1024)
  const headers = signedHeaders(body)
  return { run: () => verify(body, headers) }
}

export async function run() {
  const row = await timeRatio({
    measure: 'two keys during an overlap (signed with the older) against one key, 1 KiB',
    ours: timed('overlap', 'two keys'),
    theirs: timed('overlap', 'one key'),
    most: 2.1,
  })
  return { rows: [row] }
}
