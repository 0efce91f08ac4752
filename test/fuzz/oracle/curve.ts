// Which 32 bytes are an ed25519 public key that is safe to trust, by RFC 8032 alone and with arithmetic of its own.
const P = 2n ** 255n - 19n
const D = mod(-121665n * inverse(121666n))

type Point = readonly [x: bigint, y: bigint]

/** A canonical encoding of a point on the curve (section 5.1.3) that eight additions do not bring to the neutral point. */
export function isTrustworthy(bytes: Uint8Array): boolean {
  const point = decode(bytes)
  if (!point) return false
  let eight = point
  for (let i = 0; i < 3; i++) eight = add(eight, eight)
  return !(eight[0] === 0n && eight[1] === 1n)
}

function decode(bytes: Uint8Array): Point | undefined {
  const number = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
  const sign = number >> 255n
  const y = number & (2n ** 255n - 1n)
  if (y >= P) return undefined
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n))
  let x = power(square, (P + 3n) / 8n)
  if (mod(x * x) !== square) x = mod(x * power(2n, (P - 1n) / 4n))
  if (mod(x * x) !== square || (x === 0n && sign === 1n)) return undefined
  return [(x & 1n) === sign ? x : P - x, y]
}

/** Section 5.1.4, in affine coordinates. */
function add([x1, y1]: Point, [x2, y2]: Point): Point {
  const product = mod(D * x1 * x2 * y1 * y2)
  return [
    mod((x1 * y2 + x2 * y1) * inverse(1n + product)),
    mod((y1 * y2 + x1 * x2) * inverse(1n - product)),
  ]
}

function mod(number: bigint): bigint {
  const rest = number % P
  return rest < 0n ? rest + P : rest
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let [b, e] = [mod(base), exponent]; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * b) % P
    b = (b * b) % P
  }
  return result
}

function inverse(number: bigint): bigint {
  return power(number, P - 2n)
}
