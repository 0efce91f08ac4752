import { isObserver } from './observer.js'

/** The rule for one option, and its default. */
export interface Option<T> {
  readonly fallback: T
  /** For the message: `tolerance must be …`. */
  readonly expected: string
  readonly accepts: (value: unknown) => boolean
}

/** A table with a row for each option of `O`. */
export type OptionTable<O> = { readonly [K in keyof O]-?: Option<O[K] | undefined> }

/** The resolved options of a table. */
export type Settings<Table> = {
  readonly [K in keyof Table]: Table[K] extends Option<infer T> ? T : never
}

function option<T>(fallback: T, expected: string, accepts: (value: unknown) => boolean): Option<T> {
  return { fallback, expected, accepts }
}

/** A finite number of 0 or more. 0 is a normal amount and never means "off". */
/* @__NO_SIDE_EFFECTS__ */
export function amount(fallback: number): Option<number> {
  return option(fallback, 'a finite number from 0 on', isAmount)
}

/** A finite number above 0, for an amount that makes no sense as 0. */
/* @__NO_SIDE_EFFECTS__ */
export function positive(fallback: number): Option<number> {
  const accepts = (value: unknown): boolean => value !== 0 && isAmount(value)
  return option(fallback, 'a finite number above 0', accepts)
}

/** A finite number of 0 or more, or nothing. */
/* @__NO_SIDE_EFFECTS__ */
export function optionalAmount(): Option<number | undefined> {
  return option<number | undefined>(undefined, 'a finite number from 0 on', isAmount)
}

/** Text. The owner checks an option without a fallback. */
/* @__NO_SIDE_EFFECTS__ */
export function text<T extends string | undefined>(fallback: T): Option<T | string> {
  return option<T | string>(fallback, 'a string', (value) => typeof value === 'string')
}

/** `true`, `false`, or nothing. */
/* @__NO_SIDE_EFFECTS__ */
export function flag(): Option<boolean | undefined> {
  return option<boolean | undefined>(undefined, 'true or false', (value) => value === !!value)
}

/** One of these words; the first is the default. */
/* @__NO_SIDE_EFFECTS__ */
export function oneOf<T extends string>(fallback: T, ...others: readonly T[]): Option<T> {
  const words: readonly unknown[] = [fallback, ...others]
  const expected = words.map((word) => `'${word}'`).join(' or ')
  return option(fallback, expected, (value) => words.includes(value))
}

/** A function with a default. */
export function callback<T>(fallback: T): Option<T>
/** A function, or nothing. */
export function callback<T>(): Option<T | undefined>
/* @__NO_SIDE_EFFECTS__ */
export function callback<T>(fallback?: T): Option<T | undefined> {
  return option(fallback, 'a function', (value) => typeof value === 'function')
}

/** `true`, `false`, a function, or nothing. */
/* @__NO_SIDE_EFFECTS__ */
export function callbackOrFlag<T>(): Option<T | undefined> {
  const accepts = (value: unknown): boolean => /^(boolean|function)$/.test(typeof value)
  return option<T | undefined>(undefined, 'true, false or a function', accepts)
}

/** Any value. The owner of the option checks it. */
export function anything<T>(fallback: T): Option<T>
/** Any value, or nothing. */
export function anything<T>(): Option<T | undefined>
/* @__NO_SIDE_EFFECTS__ */
export function anything<T>(fallback?: T): Option<T | undefined> {
  return option(fallback, '', () => true)
}

/**
 * Fills in the defaults of the table. Only own properties count, so a polluted prototype cannot set an option.
 * Throws a `TypeError` for a name that is not in the table, so a misspelt option is never ignored, and for an invalid value.
 */
export function resolveOptions<Table extends Readonly<Record<string, Option<unknown>>>>(
  options: { readonly [K in keyof Table]?: unknown },
  table: Table,
): Settings<Table> {
  assertOptions(options, Object.keys(table)[0])
  const settings: Record<string, unknown> = Object.create(null)
  for (const [name, { fallback }] of Object.entries(table)) settings[name] = fallback
  for (const [name, value] of Object.entries(options)) {
    const row = Object.hasOwn(table, name) ? table[name] : undefined
    if (!row) {
      // It was spread in together with callbacks that are options here.
      if (isObserver(value)) continue
      const names = Object.keys(table).join(', ')
      throw new TypeError(`unknown option ${name}; the options are: ${names}`)
    }
    if (value === undefined) continue
    if (!row.accepts(value)) {
      throw new TypeError(`${name} must be ${row.expected}, not ${found(value)}`)
    }
    settings[name] = value
  }
  // Every row has set its own name.
  return settings as Settings<Table>
}

/** Throws a `TypeError` for a value, such as the secret itself, in place of the options. */
export function assertOptions(options: unknown, example = 'secret'): void {
  const isObject = typeof options === 'object' && options !== null
  if (isObject && !Array.isArray(options) && !ArrayBuffer.isView(options)) return
  throw new TypeError(`options must be an object, such as { ${example} }, not ${found(options)}`)
}

/** True for the context of a delivery in place of the options: the function was passed on and not called. `needed` is one of its options. */
export function isContext(options: unknown, needed: string): boolean {
  return 'request' in Object(options) && !Object.hasOwn(Object(options), needed)
}

/** A copy with only the own properties, so that destructuring does not read a polluted prototype. */
/* @__NO_SIDE_EFFECTS__ */
export function own<T extends object>(options: T): T {
  return Object.assign(Object.create(null), options)
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Infinity
}

/** What was found, for messages. Never shows a text, because it may be a misplaced secret. */
export function found(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number') return String(value)
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`
}
