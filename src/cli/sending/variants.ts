import {
  duplicatedRequest,
  futureRequest,
  rotatedRequest,
  type SignedRequest,
  type SignedRequestOptions,
  signedRequest,
  staleRequest,
  tamperedRequest,
  wrongKeyRequest,
} from '../../testing/index.js'
import { didYouMean } from '../frame/near-miss.js'

/** One kind of delivery: how it is made, and the answer it should get. */
export interface SentVariant {
  readonly name: string
  make(options: SignedRequestOptions): Promise<SignedRequest | readonly SignedRequest[]>
  /** Codes it may be refused with. Empty for one that must be accepted. */
  readonly codes: readonly string[]
  readonly means: string
}

// A receiver that follows rotations cannot always know at once that no new key signed it.
const FORGED = ['signature_mismatch', 'signature_undecided']

/** The variants of `countersign/testing`. */
export const VARIANTS: readonly SentVariant[] = [
  { name: 'signed', make: signedRequest, codes: [], means: 'an authentic delivery' },
  {
    name: 'stale',
    make: staleRequest,
    codes: ['timestamp_too_old'],
    means: 'signed 10 minutes ago',
  },
  {
    name: 'future',
    make: futureRequest,
    codes: ['timestamp_too_new'],
    means: 'signed by a clock that is 10 minutes ahead',
  },
  { name: 'tampered', make: tamperedRequest, codes: FORGED, means: 'its body was changed' },
  { name: 'wrong-key', make: wrongKeyRequest, codes: FORGED, means: 'signed with another key' },
  {
    name: 'rotated',
    make: rotatedRequest,
    codes: [],
    means: 'signed with an earlier key and the present one',
  },
  {
    name: 'duplicated',
    make: duplicatedRequest,
    codes: [],
    means: 'one delivery in two attempts',
  },
]

/** Finds a variant by its name, also in the spelling of the function (`wrongKey`, `wrongKeyRequest`). */
export function variantOf(name: string): SentVariant {
  const plain = (text: string): string => text.toLowerCase().replace(/-|request$/g, '')
  const variant = VARIANTS.find((candidate) => plain(candidate.name) === plain(name))
  if (variant) return variant
  const names = VARIANTS.map((candidate) => candidate.name)
  throw new TypeError(`--variant must be one of ${names.join(', ')}.${didYouMean(name, names)}`)
}

// What receivers answer to a delivery that does not verify.
const REFUSALS = [400, 401, 403, 413, 415, 422]

/** Is this the answer that the variant should get? */
export function isRight({ codes }: SentVariant, status: number, code: string | undefined): boolean {
  const isAccepted = status >= 200 && status < 300
  if (codes.length === 0) return isAccepted
  // Receivers other than countersign's send no code.
  return code === undefined ? REFUSALS.includes(status) : !isAccepted && codes.includes(code)
}
