import * as rfc from '../vectors/rfc.js'
import senders from '../vectors/senders.json' with { type: 'json' }
import ed25519 from '../vectors/wycheproof-ed25519.json' with { type: 'json' }
import hmacSha256 from '../vectors/wycheproof-hmac-sha256.json' with { type: 'json' }
import { type Case, equal } from './check.js'
import * as inside from './inside.js'
import type { Library } from './library.js'

/** The vectors of others: Project Wycheproof (licensed as test/vectors/wycheproof-LICENSE.txt says), the RFCs, and the senders. */
export function vectorCases(library: Pick<Library, 'createVerifier'>): readonly Case[] {
  return [...wycheproofMacs, ...wycheproofSignatures, ...rfcCases, ...senderCases(library)]
}

/** They go through the same parsing as the signature of a delivery. */
export const wycheproofMacs: readonly Case[] = hmacSha256.testGroups.flatMap(({ tests }) =>
  tests.map(({ tcId, comment, key, msg, tag, result }) => ({
    name: `Wycheproof HMAC-SHA256 ${tcId}: ${comment}`,
    async run() {
      const candidates = inside.parseSignatures(`v1,${base64(tag)}`)
      const known = await inside.toKey(bytes(key), 1)
      // The standard knows only whole MACs, so a MAC that was cut is never right.
      const isRight = result === 'valid' && bytes(tag).length === 32
      equal(await known.matches(candidates, '', bytes(msg)), isRight)
    },
  })),
)

export const wycheproofSignatures: readonly Case[] = ed25519.testGroups.flatMap(
  ({ publicKey, tests }) =>
    tests.map(({ tcId, comment, msg, sig, result }) => ({
      name: `Wycheproof Ed25519 ${tcId}: ${comment}`,
      async run() {
        const candidates = inside.parseSignatures(`v1a,${base64(sig)}`)
        const known = await inside.toKey(`whpk_${base64(publicKey.pk)}`)
        equal(await known.matches(candidates, '', bytes(msg)), result === 'valid')
      },
    })),
)

/** Straight to the crypto backend, because some of these keys are refused as secrets. */
const rfcCases: readonly Case[] = [
  ...rfc.hmacSha256.map(([key, data, expected]) => ({
    name: `RFC 4231: key ${key}`,
    async run() {
      equal(
        await inside.mac(await inside.importMacKey(bytes(key)), '', bytes(data)),
        base64(expected),
      )
    },
  })),
  ...rfc.ed25519.map(([seed, publicKey, message, signature]) => ({
    name: `RFC 8032: seed ${seed}`,
    async run() {
      const key = await inside.importPublicKey(bytes(publicKey))
      equal(await inside.verifySignature(key, base64(signature), '', bytes(message)), true)
      const other = bytes(`${message}00`)
      equal(await inside.verifySignature(key, base64(signature), '', other), false)
    },
  })),
]

/** Deliveries that senders and their libraries publish as examples. */
export function senderCases({ createVerifier }: Pick<Library, 'createVerifier'>): readonly Case[] {
  return senders.map(({ source, secret, headers, body, expected, now, ...rest }) => ({
    name: `sender: ${source}`,
    async run() {
      const options = 'options' in rest ? rest.options : {}
      const verify = createVerifier({ ...options, secret, now: () => now * 1000, parse: 'none' })
      const { ok } = await verify.check(body, headers as unknown as Record<string, string>)
      equal(ok, expected === 'valid')
    },
  }))
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function base64(hex: string): string {
  return btoa(String.fromCharCode(...bytes(hex)))
}
