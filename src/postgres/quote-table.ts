const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
/** Postgres truncates longer names. */
const LONGEST = 63

/** Quotes the name of a table for a statement. Throws a `TypeError` for anything but `name` or `schema.name` of ASCII letters, digits and underscores. */
export function quoteTable(table: string): string {
  const parts = table.split('.')
  if (parts.length > 2 || !parts.every((part) => NAME.test(part) && part.length <= LONGEST)) {
    throw new TypeError(
      `table must be a name or schema.name of letters, digits and underscores, at most ${LONGEST} each, and is ${JSON.stringify(table)}`,
    )
  }
  return parts.map((part) => `"${part}"`).join('.')
}
