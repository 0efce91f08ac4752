/** The checked name of a table, quoted for a statement. */
export interface Table {
  /** Quoted, with its schema if it has one. */
  readonly sql: string
  /** Quoted: the table's name followed by `suffix`, for an index. */
  name(suffix: string): string
  /** Quoted, with the schema of the table. */
  beside(suffix: string): string
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
/** Postgres truncates longer names. */
const LONGEST = 63

/** Throws a `TypeError` for anything but `name` or `schema.name` of ASCII letters, digits and underscores. */
export function parseTable(table: string): Table {
  const parts = table.split('.')
  if (parts.length > 2 || !parts.every((part) => NAME.test(part) && part.length <= LONGEST)) {
    throw new TypeError(
      `table must be a name or schema.name of letters, digits and underscores, at most ${LONGEST} each, and is ${JSON.stringify(table)}`,
    )
  }
  const last = parts.at(-1) ?? ''
  const named = (suffix: string): string => quote(last.slice(0, LONGEST - suffix.length) + suffix)
  return {
    sql: parts.map(quote).join('.'),
    name: named,
    beside: (suffix) => [...parts.slice(0, -1).map(quote), named(suffix)].join('.'),
  }
}

function quote(name: string): string {
  return `"${name}"`
}
