// An environment variable that is not set, and what a template or a shell makes of one.
const UNSET: readonly unknown[] = [undefined, null, '', 'undefined', 'null']

/** The commonest mistake with a secret or a token. Throws a `TypeError` that asks whether the variable is set. */
export function assertSet(what: string, value: unknown): void {
  const text = typeof value === 'string' ? value.trim() : value
  if (!UNSET.includes(text)) return
  throw new TypeError(
    `${what} is ${text === '' ? 'empty' : String(text)}: is the environment variable set?`,
  )
}
