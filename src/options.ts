/** Checks one option and returns it or its default. Throws a `TypeError` that says what to write instead. */
export type Rule = (value: unknown, name: string) => unknown

/** Options after {@link resolveOptions}: those with a default are there. */
export type Resolved<O, Optional extends keyof O = never> = {
  readonly [K in keyof O]-?: K extends Optional ? O[K] : Exclude<O[K], undefined>
}

/**
 * Checks every option by its rule; a name without a rule is refused, so that a misspelt option cannot be ignored.
 * `Settings` is what the rules make of the options: the same with defaults.
 */
export function resolveOptions<Settings>(
  options: { readonly [K in keyof Settings]?: unknown },
  rules: Readonly<Record<string, Rule>>,
): Settings {
  const given = Object(options) as Record<string, unknown>
  for (const name in given) {
    if (!Object.hasOwn(rules, name))
      throw new TypeError(`unknown option ${name}; known: ${Object.keys(rules)}`)
  }
  return Object.fromEntries(
    Object.entries(rules).map(([name, rule]) => [name, rule(given[name], name)]),
  ) as Settings
}

/** A finite number of at least `least`; 0 is a number like any other and never means "off". */
export function number(fallback: number, least = 0): Rule {
  return (value = fallback, name) => {
    if (Number.isFinite(value) && (value as number) >= least) return value
    throw new TypeError(`${name} must be a finite number, at least ${least}`)
  }
}

/** A duration: seconds outside, milliseconds inside. */
export function seconds(fallback: number, least = 0): Rule {
  const rule = number(fallback, least)
  return (value, name) => (rule(value, name) as number) * 1000
}

/** A function, or the default where the option is absent. */
export function callable(fallback?: (...args: never[]) => unknown): Rule {
  return (value = fallback, name) => {
    if (value === fallback || typeof value === 'function') return value
    throw new TypeError(`${name} must be a function`)
  }
}

/** One of a few words; the first is the default. */
export function choice(...choices: readonly string[]): Rule {
  return (value = choices[0], name) => {
    if (choices.includes(value as string)) return value
    throw new TypeError(`${name} must be one of ${choices}`)
  }
}

/** Somebody else looks at it. */
export function any(value: unknown): unknown {
  return value
}
