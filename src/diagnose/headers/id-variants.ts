import type { Captured } from '../capture.js'
import { percentDecoded } from '../text.js'
import { change, createVariants, type Variant } from '../variants.js'
import { type Named, nameChange } from './named-headers.js'
import type { Members } from './payload-members.js'

const MAX_MEMBERS = 60
const CODE = 'id_from_elsewhere'

/** The ids that may have been signed. The id in the header comes first. */
export function idVariants(
  { headers }: Captured,
  { names, id }: Named,
  members: Members,
): readonly Variant<string>[] {
  const { add, list } = createVariants<string>()
  if (id !== undefined) {
    add(id)
    for (const part of id.split(/,\s*/)) add(part, change('headers_joined', names[0]))
    for (const text of tidied(id)) add(text, change(CODE, 'the same id, written otherwise'))
  }
  for (const [name, value] of headers) {
    if (!/(^|[-_])(u?id|guid|uuid|key|delivery|nonce)$/.test(name)) continue
    add(value, nameChange(name, id, CODE))
  }
  for (const [path, value] of members.slice(0, MAX_MEMBERS)) {
    add(value, change(CODE, `the payload's ${path}`))
  }
  for (const text of ['', 'undefined', 'null', '[object Object]']) {
    add(text, change(CODE, `the text "${text}"`))
  }
  return list
}

function tidied(text: string): string[] {
  const bare = text.trim().replace(/^["'<{(]+|["'>})]+$/g, '')
  return [bare, percentDecoded(text) ?? text, bare.toLowerCase(), bare.toUpperCase(), `${text} `]
}
