import { type Captured, headerValue } from '../capture.js'
import type { Cause } from '../catalogue/catalogue.js'
import { type Change, change } from '../variants.js'

/** The names of the headers, and their values. A value is `undefined` if the header is missing. */
export interface Named {
  readonly names: readonly [id: string, timestamp: string, signature: string]
  readonly id: string | undefined
  readonly timestamp: string | undefined
}

/** Reads the first set of names of which a header is present, as a verifier does. */
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

/** Another header has the value. The standard's own header is missing, or has another value. */
export function nameChange(name: string, own: string | undefined, code: Cause): Change {
  return own === undefined ? change('header_names', name) : change(code, `the header ${name}`)
}
