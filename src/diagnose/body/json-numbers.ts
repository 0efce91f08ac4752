const MAX_ONE = 24
const MAX_EACH = 6
const MAX_ROUNDED = 1024

type Write = (number: string) => string

const WRITERS: readonly Write[] = [
  (number) => (isWhole(number) ? `${number}.0` : number),
  (number) => (isPlain(number) ? Number(number).toFixed(2) : number),
  (number) => (isPlain(number) && !isWhole(number) ? Number(number).toFixed(2) : number),
  (number) => String(Number(number)),
]

/**
 * Tokens with their numbers in other spellings, which a parser loses: all numbers in one way, each of a few numbers
 * in its own way, or one number of many.
 */
export function otherNumbers(tokens: readonly string[]): string[][] {
  const places = tokens.flatMap((token, i) => (/^-?\d/.test(token) ? [i] : []))
  const rewritten = WRITERS.map((write) =>
    tokens.map((token) => (/^-?\d/.test(token) ? write(token) : token)),
  )
  const ones = places
    .slice(0, MAX_ONE)
    .flatMap((i) => spellings(tokens[i] ?? '').map((number) => tokens.with(i, number)))
  return [...rewritten, ...ones, ...(places.length <= MAX_EACH ? padded(tokens, places) : [])]
}

/** All combinations of numbers with and without zeros at the end. */
function padded(tokens: readonly string[], places: readonly number[]): string[][] {
  let all: string[][] = [[...tokens]]
  for (const i of places) {
    const number = tokens[i] ?? ''
    if (!isPlain(number)) continue
    const forms = isWhole(number) ? [`${number}.0`, `${number}.00`] : [`${number}0`]
    all = all.flatMap((some) => [some, ...forms.map((form) => some.with(i, form))])
  }
  return all
}

function isWhole(number: string): boolean {
  return /^-?\d+$/.test(number)
}

function isPlain(number: string): boolean {
  return !/[eE]/.test(number)
}

/** Other spellings of a number, and numbers that a parser rounds to it. */
function spellings(number: string): string[] {
  const value = Number(number)
  const zeros = isWhole(number) ? ['.0', '.00'] : isPlain(number) ? ['0', '00'] : []
  const shorter = isPlain(number) ? number.replace(/\.?0+$/, '') : String(value)
  return [
    ...zeros.map((zero) => number + zero),
    ...(isWhole(number) ? roundedFrom(number) : [shorter]),
    ...(value === 0 ? ['-0', '-0.0', '0e0', '0.0'] : exponents(value)),
    ...(/e/.test(String(value)) ? [withoutExponent(value)] : []),
  ]
}

/** `1e3`, `1E+3`, `1.0E3`, `1e+03`. */
function exponents(value: number): string[] {
  const [mantissa = '', exponent = ''] = value.toExponential().split('e')
  const size = exponent.slice(1)
  const powers = [exponent.replace('+', ''), exponent, exponent.charAt(0) + size.padStart(2, '0')]
  const heads = mantissa.includes('.') ? [mantissa] : [mantissa, `${mantissa}.0`]
  const [, head = '', tail = ''] = /^(-?\d+?)(0+)$/.exec(String(value)) ?? []
  return [
    ...heads.flatMap((head) => ['e', 'E'].flatMap((e) => powers.map((power) => head + e + power))),
    ...(tail ? [`${head}e${tail.length}`, `${head}E${tail.length}`] : []),
  ]
}

function withoutExponent(value: number): string {
  return Number.isInteger(value) ? `${BigInt(value)}` : value.toFixed(20).replace(/\.?0+$/, '')
}

// A parser that has only doubles rounds numbers above 2^53.
function roundedFrom(number: string): string[] {
  if (number.length < 16 || number.length > 20) return []
  const first = BigInt(number) - BigInt(MAX_ROUNDED)
  const near = Array.from({ length: 2 * MAX_ROUNDED }, (_, i) => `${first + BigInt(i)}`)
  return near.filter((other) => Number(other) === Number(number))
}
