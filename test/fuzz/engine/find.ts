/** A rule that an input breaks. */
export class Find extends Error {
  readonly rule: string

  constructor(rule: string, message: string) {
    super(`${rule}: ${message}`)
    this.rule = rule
  }
}

export function holds(condition: boolean, rule: string, message: () => string): void {
  if (!condition) throw new Find(rule, message())
}

// As the contract lists them: control and format characters, halves of surrogate pairs, separators of lines and paragraphs.
export const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** Nothing that is printed has a character that a terminal acts on. */
export function assertPrintable(text: string): void {
  holds(text.replaceAll('\n', '').search(UNPRINTABLE) < 0, 'printable', () => JSON.stringify(text))
}

const LONG_ENOUGH = 16

/** No secret appears in a text, whole or in its longest half. */
export function assertHides(text: string, secrets: readonly string[]): void {
  for (const secret of secrets) {
    const half = secret
      .replace(/^\s*(v1,)?(wh[a-z]*_)?/, '')
      .trim()
      .slice(0, 24)
    if (half.length < LONG_ENOUGH || new Set(half).size < 6) continue
    holds(!text.includes(half), 'no secret in a message', () => JSON.stringify({ text, half }))
  }
}

/** All texts of an error: its own, those of its causes, and what a logger would print of it. */
export function textsOf(error: unknown): string {
  const { message, stack, cause } = Object(error)
  const own = [String(message), String(stack), JSON.stringify(error) ?? '']
  return [...own, ...(cause === undefined || cause === error ? [] : [textsOf(cause)])].join('\n')
}

const PROTOTYPES: readonly object[] = [
  Object.prototype,
  Array.prototype,
  Function.prototype,
  String.prototype,
]
const NAMES = PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype).length)

export function assertPrototypes(): void {
  PROTOTYPES.forEach((prototype, i) => {
    const keys = Reflect.ownKeys(prototype)
    holds(keys.length === NAMES[i], 'no prototype is polluted', () => keys.map(String).join(' '))
  })
}
