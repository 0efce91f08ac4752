/** Refuses options that are not an object and names that are not known, so that a misspelt one cannot be ignored. */
export function assertOptions(options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('options must be an object')
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new TypeError(`unknown option "${name}"; known are: ${known.join(', ')}`)
    }
  }
}

/** A finite number of at least `least`; `undefined` takes the default. */
export function numberOption(
  name: string,
  value: number | undefined,
  fallback: number,
  least = 0,
): number {
  if (value === undefined) return fallback
  if (typeof value !== 'number' || !Number.isFinite(value) || value < least) {
    throw new TypeError(`${name} must be a finite number, at least ${least}`)
  }
  return value
}

/** A function, or the default where the option is absent. */
export function functionOption<F extends ((...args: never[]) => unknown) | undefined>(
  name: string,
  value: F | undefined,
  fallback: F,
): F {
  if (value === undefined) return fallback
  if (typeof value !== 'function') throw new TypeError(`${name} must be a function`)
  return value
}

/** One of a few words; the first is the default. */
export function choiceOption<C extends string>(
  name: string,
  value: C | undefined,
  choices: readonly [C, ...C[]],
): C {
  if (value === undefined) return choices[0]
  if (!choices.includes(value)) throw new TypeError(`${name} must be one of: ${choices.join(', ')}`)
  return value
}
