// The field and the curve of ed25519: RFC 8032, section 5.1.
const P = (1n << 255n) - 19n

/**
 * Checks that only the private key can sign for this public key. The runtimes also accept points of small order
 * (for example all zeros), for which anybody can make signatures, and they differ in what else they accept.
 * So the key must be the canonical encoding (RFC 8032, section 5.1.3) of a point on the curve with a large order.
 */
export function isStrongPublicKey(bytes: Uint8Array): boolean {
  let y = 0n
  for (const byte of bytes.toReversed()) y = (y << 8n) | BigInt(byte)
  // The first bit is the sign of x.
  y = BigInt.asUintN(255, y)
  const square = (y * y) % P
  // The curve, -x² + y² = 1 - 121665/121666 x²y², solved for x² = over / under. A square times 121666² is still one.
  const over = 121666n * (square - 1n)
  const under = 121666n - 121665n * square
  // y is 1 or -1 for the orders 1 and 2, 0 for the order 4; twice a point of order 8 has y = 0, so there x² + y² = 0.
  const isSmall = (y * over * (over + square * under)) % P === 0n
  return y < P && !isSmall && isSquare((over * under) % P)
}

/** Euler's criterion, for a number that is not 0. It may be negative, because the exponent is even. */
function isSquare(number: bigint): boolean {
  let [power, result] = [number, 1n]
  for (let exponent = (P - 1n) >> 1n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * power) % P
    power = (power * power) % P
  }
  return result === 1n
}
