import { generateSecret } from 'countersign/sign'
import { type SignedRequestOptions, signedRequest } from 'countersign/testing'
import { MAX_BODY_BYTES } from './app.js'

/** A request as a sender, honest or not, puts it on the wire. */
export interface Outgoing {
  readonly name: string
  readonly isAuthentic: boolean
  /** Right answers: codes, or `accepted`. */
  readonly expected: readonly string[]
  readonly headers: Record<string, string>
  readonly body: Uint8Array
}

/** What came back, once the sender stopped trying. */
export interface Answered extends Outgoing {
  readonly status: number
  readonly code: string
  readonly tries: number
  readonly milliseconds: number
}

// A forgery may meet a moment in which the receiver cannot yet know that no new key signed it.
const FORGED = ['signature_mismatch', 'signature_undecided']
const payload = { type: 'invoice.paid', data: { id: 'in_4711', amount: 1999, currency: 'eur' } }

export async function authentic(name: string, secret: string): Promise<Outgoing> {
  const request = await signedRequest({ secret, payload })
  return { name, isAuthentic: true, expected: ['accepted'], ...request }
}

/** Two signatures and one of an unknown version, as senders write while they rotate. */
export async function signatureList(secret: string): Promise<Outgoing> {
  const outgoing = await authentic('authentic, list of signatures', secret)
  const other = await signedRequest({ secret: generateSecret(), payload })
  const signatures = [
    'v9,AAAA',
    other.headers['webhook-signature'],
    outgoing.headers['webhook-signature'],
  ]
  return {
    ...outgoing,
    headers: { ...outgoing.headers, 'webhook-signature': signatures.join(' ') },
  }
}

/** Everything that must be refused, and how. */
export async function hostile(secret: string): Promise<Outgoing[]> {
  const seconds = Math.floor(Date.now() / 1000)
  const forge = async (
    name: string,
    expected: readonly string[],
    options: Partial<Omit<SignedRequestOptions, 'payload'>> = {},
    change: (request: { headers: Record<string, string>; body: Uint8Array }) => object = () => ({}),
  ): Promise<Outgoing> => {
    const request = await signedRequest({ secret, body: JSON.stringify(payload), ...options })
    return { name, isAuthentic: false, expected, ...request, ...change(request) }
  }
  const header =
    (name: string, value: string) => (request: { headers: Record<string, string> }) => ({
      headers: { ...request.headers, [name]: value },
    })

  return [
    await forge('tampered body', FORGED, {}, ({ body }) => ({
      body: Buffer.from(Buffer.from(body).toString().replace('1999', '1')),
    })),
    await forge('wrong secret', FORGED, { secret: generateSecret() }),
    await forge('stale (10 minutes old)', ['timestamp_too_old'], { timestamp: seconds - 600 }),
    await forge('from the future', ['timestamp_too_new'], { timestamp: seconds + 600 }),
    // The signed bytes stay the same; only the borders between id, timestamp and body move.
    await forge(
      'timestamp moved into the id',
      ['header_malformed'],
      { body: `${seconds}.{}` },
      ({ headers }) => ({
        headers: {
          ...headers,
          'webhook-id': `${headers['webhook-id']}.${headers['webhook-timestamp']}`,
          'webhook-timestamp': `${seconds}`,
        },
        body: Buffer.from('{}'),
      }),
    ),
    await forge(
      'body moved into the timestamp',
      ['header_malformed'],
      { body: '1.{}' },
      ({ headers }) => ({
        headers: { ...headers, 'webhook-timestamp': `${headers['webhook-timestamp']}.1` },
        body: Buffer.from('{}'),
      }),
    ),
    await forge('id without its last character', FORGED, {}, ({ headers }) => ({
      headers: { ...headers, 'webhook-id': String(headers['webhook-id']).slice(0, -1) },
    })),
    await forge('no signature header', ['header_missing'], {}, ({ headers }) => ({
      headers: Object.fromEntries(
        Object.entries(headers).filter(([name]) => name !== 'webhook-signature'),
      ),
    })),
    await forge(
      'timestamp in milliseconds',
      ['header_malformed'],
      {},
      header('webhook-timestamp', `${seconds}000`),
    ),
    await forge('signature cut short', ['signature_mismatch'], {}, ({ headers }) => ({
      headers: {
        ...headers,
        'webhook-signature': String(headers['webhook-signature']).slice(0, -2),
      },
    })),
    await forge('oversized body', ['body_too_large'], { body: 'x'.repeat(MAX_BODY_BYTES + 1) }),
    await forge('gzip body', ['body_encoding_unsupported'], {}, header('content-encoding', 'gzip')),
  ]
}

/** Sends over real HTTP; tries again after `Retry-After` if asked to, as an honest sender does. */
export async function send(
  url: string,
  outgoing: Outgoing,
  mayRetry = outgoing.isAuthentic,
): Promise<Answered> {
  const started = performance.now()
  for (let tries = 1; ; tries++) {
    const response = await fetch(url, {
      method: 'POST',
      headers: outgoing.headers,
      body: new Uint8Array(outgoing.body),
    })
    const text = await response.text()
    const { status } = response
    const wait = Number(response.headers.get('retry-after'))
    if (mayRetry && wait > 0 && tries < 6) {
      await new Promise((resolve) => setTimeout(resolve, wait * 1000))
      continue
    }
    const code = response.ok ? 'accepted' : String(JSON.parse(text).code)
    return { ...outgoing, status, code, tries, milliseconds: performance.now() - started }
  }
}
