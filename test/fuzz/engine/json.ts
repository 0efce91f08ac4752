/** An input is plain JSON, so that it can be kept, mutated and printed. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json }

/** Where a value is inside an input. */
export type Path = readonly (string | number)[]

/** The paths of all values, the outermost first. */
export function pathsOf(value: Json, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return [path, ...entries.flatMap(([key, inner]) => pathsOf(inner as Json, [...path, key]))]
}

export function at(value: Json, path: Path): Json {
  return path.reduce<Json>((inner, key) => (inner as Record<string, Json>)[key] ?? null, value)
}

/** A copy with another value at that path. */
export function withAt(value: Json, [key, ...rest]: Path, change: (old: Json) => Json): Json {
  if (key === undefined) return change(value)
  if (Array.isArray(value)) {
    return value.map((inner, i) => (i === key ? withAt(inner, rest, change) : inner))
  }
  // Not a spread: an own `__proto__` stays an own property.
  return Object.fromEntries(
    Object.entries(Object(value)).map(([name, inner]) => [
      name,
      name === key ? withAt(inner as Json, rest, change) : (inner as Json),
    ]),
  )
}
