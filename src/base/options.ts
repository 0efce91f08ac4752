/** Options after {@link resolveOptions}: those with a default are there. */
export type Resolved<O, Optional extends keyof O = never> = {
  readonly [K in keyof O]-?: K extends Optional ? O[K] : Exclude<O[K], undefined>
}

/**
 * The options over their defaults. Throws a `TypeError` for a name that is not among the defaults (a misspelt option is never
 * ignored), for another type than the default has, and for a number that is NaN, infinite or negative.
 */
export function resolveOptions<Settings>(
  options: { readonly [K in keyof Settings]?: unknown },
  defaults: Readonly<Record<string, unknown>>,
): Settings {
  const settings = { ...defaults }
  for (const [name, value] of Object.entries(Object(options))) {
    if (!Object.hasOwn(defaults, name)) {
      throw new TypeError(`unknown option ${name}, known are ${Object.keys(defaults)}`)
    }
    if (value === undefined) continue
    const type = typeof (defaults[name] ?? (/^on[A-Z]/.test(name) ? String : value))
    // 0 is an amount like any other and never means "off".
    if (typeof value !== type || (typeof value === 'number' && !(value >= 0 && value < 1 / 0))) {
      throw new TypeError(
        `${name} must be a ${type}${type === 'number' ? ', finite and not negative' : ''}`,
      )
    }
    settings[name] = value
  }
  return settings as Settings
}

/** For the amounts that make no sense as 0. */
export function assertPositive(name: string, value: number): void {
  if (!(value > 0)) throw new TypeError(`${name} must be more than 0`)
}
