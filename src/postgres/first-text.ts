/** The single text of the first row; `undefined` if there is no row. Throws a `TypeError` for an answer that is not a list of rows. */
export function firstText(answer: unknown): string | undefined {
  const rows: unknown = Array.isArray(answer) ? answer : Object(answer).rows
  if (!Array.isArray(rows)) {
    throw new TypeError(
      'the answer of the database must be a list of rows, or an object with rows: does a wrapper of the client change it?',
    )
  }
  // By position, because clients can be configured to rename columns.
  return rows.length === 0 ? undefined : String(Object.values(Object(rows[0]))[0])
}
