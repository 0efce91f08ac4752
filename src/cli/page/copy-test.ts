import type { ListedDelivery } from '../listener/listed-delivery.js'
import { base64, type Copied } from './copy-curl.js'
import { decodeBody } from './lines.js'

type Tested = Copied & Pick<ListedDelivery, 'verdict' | 'code' | 'receivedAt'>

/** A Jest test that verifies these bytes and header lines as of when they arrived, and expects the same verdict. */
export function jestTest(delivery: Tested): string {
  const { headers, body, verdict, code, receivedAt } = delivery
  const id = headers.find(([name]) => /^(webhook|svix)-id$/i.test(name))?.[1] ?? 'without an id'
  const lines = headers.map(([name, value]) => `    [${literal(name)}, ${literal(value)}],`)
  const expected = verdict === 'accepted' ? 'accepted' : (code ?? 'refused')
  return `// In an ES module: import { ${needed(delivery)} } from '${entry(delivery)}'
const { ${needed(delivery)} } = require('${entry(delivery)}')

test(${literal(`delivery ${id}: ${expected}`)}, async () => {
  // The secret that it was verified with. Set the variable, or write the secret of a test here.
  const secret = process.env.COUNTERSIGN_SECRET
  const now = () => Date.parse('${receivedAt}')
  const headers = [
${lines.join('\n')}
  ]
  const body = ${bodyLiteral(body)}

${assertion(delivery)}
})
`
}

/** Compression is looked at by the adapters only. */
function isAboutRequest({ code }: Tested): boolean {
  return code === 'body_encoding_unsupported'
}

function needed(delivery: Tested): string {
  return isAboutRequest(delivery) ? 'verifyRequest' : 'createVerifier'
}

function entry(delivery: Tested): string {
  return isAboutRequest(delivery) ? 'countersign/fetch' : 'countersign'
}

function assertion(delivery: Tested): string {
  const { verdict, code } = delivery
  if (isAboutRequest(delivery)) {
    return `  const request = new Request('http://localhost/', { method: 'POST', headers, body })
  await expect(verifyRequest(request, { secret, now })).rejects.toMatchObject({ code: '${code}' })`
  }
  const check = '  const verdict = await createVerifier({ secret, now }).check(body, headers)'
  // A verifier with one fixed secret knows at once what a rotating one cannot know yet.
  const certain = code === 'signature_undecided' ? 'signature_mismatch' : code
  const isKnown = verdict === 'refused' && certain !== undefined && certain !== 'secret_unavailable'
  return isKnown
    ? `${check}\n  expect(verdict).toMatchObject({ ok: false, error: { code: '${certain}' } })`
    : `${check}\n  expect(verdict).toMatchObject({ ok: true })`
}

function bodyLiteral(body: Uint8Array): string {
  const text = body.length <= 4096 ? decodeBody(body) : undefined
  if (text !== undefined) return `Buffer.from(${literal(text)})`
  return `Buffer.from('${base64(body)}', 'base64')`
}

/** A string of JavaScript. Everything outside ASCII is escaped, so nothing in it can be invisible or act on a terminal. */
function literal(text: string): string {
  const quoted = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  const safe = quoted.replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `'${safe}'`
}
