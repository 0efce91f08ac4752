import type { Captured } from '../capture.js'
import { change, createVariants, type Variant } from '../variants.js'
import { type Named, nameChange } from './named-headers.js'
import type { Members } from './payload-members.js'

const CODE = 'timestamp_from_elsewhere'
const MILLISECONDS = /^[\s"'+]*0*[1-9]\d{11,}(\.\d+)?[\s"']*$/

/** The timestamps that may have been signed. The timestamp in the header comes first. */
export function timestampVariants(
  { headers }: Captured,
  { names, timestamp }: Named,
  members: Members,
): readonly Variant<string>[] {
  const { add, list } = createVariants<string>()
  if (timestamp !== undefined) {
    add(timestamp)
    for (const part of timestamp.split(/,\s+/)) {
      if (part !== timestamp) add(part, change('headers_joined', names[1]))
    }
    for (const text of formsOf(timestamp)) {
      const isMs = MILLISECONDS.test(timestamp) || MILLISECONDS.test(text)
      const detail = isMs ? 'it is in milliseconds' : undefined
      add(text, change('timestamp_not_seconds', detail))
    }
  }
  for (const [name, value] of headers) {
    if (!/(timestamp|time|date|sent-at|[-_]ts)$/.test(name)) continue
    for (const text of formsOf(value)) add(text, nameChange(name, timestamp, CODE))
  }
  for (const [, value] of headers) {
    const [, stripe] = /(?:^|,)\s*t=(\d+)/.exec(value) ?? []
    add(stripe, change('header_names', 't= in another header'))
  }
  for (const [path, value] of members) {
    for (const text of formsOf(value)) add(text, change(CODE, `the payload's ${path}`))
  }
  for (const text of ['undefined', 'NaN', 'null', '0']) {
    add(text, change(CODE, `the text "${text}"`))
  }
  return list
}

/** The same time as it is written, in seconds and in milliseconds. */
function formsOf(text: string): string[] {
  const trimmed = text.trim().replace(/^["']+|["']+$/g, '')
  const digits = /^\+?0*(\d+)(?:\.\d+)?$/.exec(trimmed)?.[1] ?? ''
  if (digits.length >= 12) {
    const seconds = Number(digits) / 1000
    return [text, String(Math.floor(seconds)), String(Math.round(seconds))]
  }
  if (digits.length >= 9) {
    const date = new Date(Number(digits) * 1000)
    const iso = date.toISOString()
    const others = [iso, iso.replace('.000', ''), iso.replace('.000Z', '+00:00')]
    return [text, trimmed, digits, `${digits}000`, `${digits}.0`, ...others, date.toUTCString()]
  }
  const time = /\d{4}/.test(trimmed) ? Date.parse(trimmed) : Number.NaN
  return Number.isNaN(time) ? [] : [text, String(Math.floor(time / 1000)), String(time)]
}
