import { type Captured, headerValue } from '../capture.js'
import type { Cause } from '../catalogue/catalogue.js'
import { type Change, change } from '../variants.js'

/** The headers that are read as id and timestamp; `undefined` if they are missing. */
export interface Named {
  readonly names: readonly [id: string, timestamp: string, signature: string]
  readonly id: string | undefined
  readonly timestamp: string | undefined
}

/** The set of names the verifier would read: the first with any header there. */
export function namedHeaders(captured: Captured): Named {
  const { headers, nameSets } = captured
  const found = nameSets.find((names) => headers.some(([name]) => names.includes(name)))
  const [id = '', timestamp = '', signature = ''] = found ?? nameSets[0] ?? []
  return {
    names: [id, timestamp, signature],
    id: headerValue(captured, id),
    timestamp: headerValue(captured, timestamp),
  }
}

/** Another header in place of the standard's one, or beside it. */
export function nameChange(name: string, own: string | undefined, code: Cause): Change {
  return own === undefined ? change('header_names', name) : change(code, `the header ${name}`)
}
