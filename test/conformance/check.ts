/** One rule that must hold on every runtime. Throws if it does not. */
export interface Case {
  readonly name: string
  readonly run: () => Promise<void>
}

/** Compares plain values. A missing field equals `undefined`. */
export function equal(actual: unknown, expected: unknown): void {
  const [is, should] = [print(actual), print(expected)]
  if (is !== should) throw new Error(`${is} is not ${should}`)
}

export function isTrue(condition: boolean, what: string): void {
  if (!condition) throw new Error(what)
}

export async function throwsTypeError(run: () => unknown): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (error instanceof TypeError) return
    throw error
  }
  throw new Error('no TypeError was thrown')
}

function print(value: unknown): string {
  return JSON.stringify(value, sorted) ?? 'undefined'
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
