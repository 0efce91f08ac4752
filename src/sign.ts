import { createSignature, importMacKey, importPrivateKey, mac } from '#crypto'
import { type Awaitable, all, andThen } from './base/awaitable.js'
import { concatBytes, decodeBase64, encodeBase64 } from './base/bytes.js'
import {
  amount,
  anything,
  callback,
  found,
  type OptionTable,
  oneOf,
  resolveOptions,
  text,
} from './base/options.js'
import { platform, subtleCrypto } from './base/platform.js'
import { bodyBytes } from './delivery/body.js'
import { MIN_SECRET_BYTES, parseSecret, secretText } from './delivery/secrets.js'
import { signedPrefix } from './delivery/signature.js'
import type { Secret, WebhookBody } from './delivery/types.js'
import { ID_RULE, isId } from './delivery/webhook-id.js'

export interface SignerOptions {
  /** The signing secret or secrets. Every delivery is signed with each of them. A `whsk_` secret signs `v1a`. */
  secret: Secret | readonly Secret[]
  /** The clock: returns milliseconds since the epoch or a `Date`. Default `Date.now`. */
  now?: (() => number | Date) | undefined
  /** Smallest number of key bytes a secret may have. Default 24. */
  minSecretBytes?: number | undefined
}

export interface SignOptions {
  /** The `webhook-id`. Default: `msg_` and 24 random characters. */
  id?: string | undefined
  /** The `webhook-timestamp`: a `Date`, or whole seconds since the epoch. Default: now. */
  timestamp?: Date | number | undefined
}

/** The three headers of a signed delivery. */
export type SignedHeaders = Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>

/** Signs a body and resolves to the headers to send with it. */
export type Signer = (body: WebhookBody, options?: SignOptions) => Promise<SignedHeaders>

type Sign = (prefix: string, body: Uint8Array) => Awaitable<string>

const SIGNER_OPTIONS = {
  secret: anything<SignerOptions['secret']>(),
  now: callback((): number | Date => Date.now()),
  minSecretBytes: amount(MIN_SECRET_BYTES),
} satisfies OptionTable<SignerOptions>
const SIGN_OPTIONS = {
  id: text(undefined),
  timestamp: anything<SignOptions['timestamp']>(),
} satisfies OptionTable<SignOptions>
const SECRET_OPTIONS = {
  bytes: amount(32),
  prefix: oneOf('wh_', 'whsec_'),
} satisfies OptionTable<GenerateSecretOptions>

// RFC 8410, section 7: the bytes before the 32-byte seed of an ed25519 key in PKCS #8.
const PKCS8_PREFIX = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32)

/**
 * Creates a function that signs deliveries as Standard Webhooks defines.
 *
 * Throws a `TypeError` for an unusable secret and for an unknown or invalid option.
 *
 * @example
 * ```ts
 * import { createSigner, generateSecret } from 'countersign/sign'
 * const sign = createSigner({ secret: generateSecret() })
 * const body = JSON.stringify({ type: 'user.created' })
 * await fetch('http://127.0.0.1:3000/webhooks', { method: 'POST', body, headers: await sign(body) })
 * ```
 */
export function createSigner(options: SignerOptions): Signer {
  const { secret, now, minSecretBytes } = resolveOptions(options, SIGNER_OPTIONS)
  const secrets = Array.isArray(secret) ? secret : [secret as Secret]
  if (secrets.length === 0)
    throw new TypeError(
      'secret must not be an empty list: give one secret, or several to sign with each',
    )
  const signers = secrets.map((secret) => createSign(secret, minSecretBytes))

  return async function sign(body, options = {}) {
    const { id = randomId(), timestamp = new Date(now()) } = resolveOptions(options, SIGN_OPTIONS)
    if (!isId(id)) throw new TypeError(ID_RULE)
    const seconds = wholeSeconds(timestamp)
    const prefix = signedPrefix(id, seconds)
    const bytes = bodyBytes(body)
    const signatures = await all(signers.map((sign) => sign(prefix, bytes)))
    return {
      'webhook-id': id,
      'webhook-timestamp': seconds,
      'webhook-signature': signatures.join(' '),
    }
  }
}

export interface GenerateSecretOptions {
  /** Length of the key in bytes, 24 to 64. Default 32. */
  bytes?: number | undefined
  /** The prefix of the secret. Default `'wh_'`. */
  prefix?: 'wh_' | 'whsec_' | undefined
}

/** Generates a random signing secret like those that an account issues. Throws a `TypeError` for an unknown or invalid option. */
export function generateSecret(options: GenerateSecretOptions = {}): string {
  const { prefix, bytes } = resolveOptions(options, SECRET_OPTIONS)
  if (!Number.isInteger(bytes) || bytes < MIN_SECRET_BYTES || bytes > 64) {
    throw new TypeError(`bytes must be a whole number from ${MIN_SECRET_BYTES} to 64, not ${bytes}`)
  }
  return prefix + encodeBase64(platform('crypto').getRandomValues(new Uint8Array(bytes)))
}

/** Generates an ed25519 key pair for `v1a`. The sender keeps `secret` (`whsk_…`); receivers get `publicKey` (`whpk_…`). */
export async function generateKeyPair(): Promise<{ secret: string; publicKey: string }> {
  const subtle = subtleCrypto()
  const pair = await subtle.generateKey('Ed25519', true, ['sign', 'verify'])
  const { privateKey } = pair as CryptoKeyPair
  const { d, x } = await subtle.exportKey('jwk', privateKey)
  const [seed, publicKey] = [d, x].map((text) => decodeBase64(text ?? '') as Uint8Array)
  if (!seed || !publicKey)
    throw new TypeError(
      'this runtime cannot export ed25519 keys: make the pair in Node and keep it as a secret',
    )
  return {
    secret: `whsk_${encodeBase64(concatBytes(seed, publicKey))}`,
    publicKey: `whpk_${encodeBase64(publicKey)}`,
  }
}

function createSign(secret: Secret, minBytes: number): Sign {
  const text = typeof secret === 'string' ? secretText(secret) : ''
  if (text.startsWith('whsk_')) return createPrivateKeySign(decodeBase64(text.slice(5)))
  const { scheme, bytes } = parseSecret(secret, minBytes)
  if (scheme === 'v1a')
    throw new TypeError(
      'the secret is a whpk_ public key, which cannot sign: use the whsk_ secret of the same pair',
    )
  const key = importMacKey(bytes)
  return (prefix, body) =>
    andThen(key, (key) => andThen(mac(key, prefix, body), (signature) => `v1,${signature}`))
}

/** `bytes` hold the seed, alone or followed by the public key. */
function createPrivateKeySign(bytes: Uint8Array | undefined): Sign {
  if (bytes?.length !== 32 && bytes?.length !== 64) {
    const is = bytes ? `${bytes.length} bytes` : 'not base64'
    throw new TypeError(
      `a whsk_ secret must be 32 or 64 bytes in base64, but this is ${is}: copy it again`,
    )
  }
  const key = importPrivateKey(concatBytes(PKCS8_PREFIX, bytes.subarray(0, 32)))
  return (prefix, body) =>
    andThen(key, (key) =>
      andThen(createSignature(key, prefix, body), (signature) => `v1a,${signature}`),
    )
}

function randomId(): string {
  return `msg_${encodeBase64(platform('crypto').getRandomValues(new Uint8Array(18))).replace(/\W/g, 'x')}`
}

function wholeSeconds(timestamp: Date | number): string {
  const seconds =
    typeof timestamp === 'number' ? timestamp : Math.floor(Number(timestamp?.getTime?.()) / 1000)
  const text = String(seconds)
  // 13 digits are milliseconds, which every receiver refuses.
  if (!Number.isSafeInteger(seconds) || seconds < 0 || text.length === 13) {
    throw new TypeError(
      `timestamp must be a valid Date or whole seconds since the epoch (not milliseconds), not ${foundTime(timestamp)}`,
    )
  }
  return text
}

function foundTime(timestamp: unknown): string {
  return timestamp instanceof Date ? 'an invalid Date' : found(timestamp)
}
