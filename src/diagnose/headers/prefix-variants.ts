import { type Captured, headerValue } from '../capture.js'
import { type Change, createVariants, mergeChanges, type Variant } from '../finding.js'
import { lossyText, parseJson, percentDecoded } from '../text.js'

/** What may stand before the body in the signed content. */
export interface Prefix {
  readonly text: string
  /** One of many guesses: tried last and alone. */
  readonly guess?: true
}

/** The headers that are read as id and timestamp; `undefined` if they are missing. */
export interface Named {
  readonly names: readonly [id: string, timestamp: string, signature: string]
  readonly id: string | undefined
  readonly timestamp: string | undefined
}

type Values = readonly Variant<string>[]
type AddPrefix = (value: Prefix, ...changes: Change[]) => void

const WINDOW = 600
// So few seconds apart that it is tried together with other changes.
const NEAR = 3
const MAX_PAIRS = 2000

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

/** Everything that may have been signed before the body; what the headers say comes first. */
export function prefixVariants(captured: Captured, named: Named): readonly Variant<Prefix>[] {
  const variants = createVariants<Prefix>(({ text }) => text)
  const members = payloadMembers(captured)
  const ids = idVariants(captured, named, members)
  const timestamps = timestampVariants(captured, named, members)
  const pairs = ids.flatMap((id) => timestamps.map((timestamp) => [id, timestamp] as const))
  for (const [id, timestamp] of pairs) {
    if (pairs.length > MAX_PAIRS && mergeChanges([...id.changes, ...timestamp.changes]).length > 1)
      continue
    variants.add({ text: `${id.value}.${timestamp.value}.` }, ...id.changes, ...timestamp.changes)
  }
  for (const [id, timestamp] of pairs) {
    if (id.changes.length + timestamp.changes.length > 1) continue
    for (const [text, detail] of otherContents(id.value, timestamp.value)) {
      const change = { code: 'signed_content', detail } as const
      variants.add({ text }, ...id.changes, ...timestamp.changes, change)
    }
  }
  variants.add({ text: '' }, { code: 'signed_content', detail: 'the body alone' })
  addWindow(captured, named, variants.add)
  addFractions(named, variants.add)
  return variants.list
}

/** How other schemes, and mistakes, put it together. */
function otherContents(id: string, timestamp: string): [string, string][] {
  return [
    ['', 'the body alone'],
    [`${timestamp}.`, 'timestamp.body'],
    [`${timestamp}.${id}.`, 'timestamp.id.body'],
    [`${id}.`, 'id.body'],
    [`${id}${timestamp}`, 'id, timestamp and body without dots'],
    [`${id}.${timestamp}`, 'id.timestamp and body without a dot'],
    [`${timestamp}`, 'timestamp and body without a dot'],
    [`${id}:${timestamp}:`, 'id:timestamp:body'],
    [`${timestamp}:`, 'timestamp:body'],
    [`v0:${timestamp}:`, 'v0:timestamp:body'],
    [`v1:${timestamp}:`, 'v1:timestamp:body'],
    [`${id}\n${timestamp}\n`, 'id, timestamp and body on lines'],
  ]
}

function idVariants(captured: Captured, { names, id }: Named, members: Members): Values {
  const { add, list } = createVariants<string>((value) => value)
  if (id !== undefined) {
    add(id)
    for (const part of id.split(/,\s*/)) add(part, { code: 'headers_joined', detail: names[0] })
    for (const text of tidied(id)) {
      add(text, { code: 'id_from_elsewhere', detail: 'the same id, written otherwise' })
    }
  }
  for (const [name, value] of captured.headers) {
    if (/(^|[-_])(u?id|guid|uuid|key|delivery|nonce)$/.test(name)) {
      add(value, nameChange(name, id, 'id'))
    }
  }
  for (const [path, value] of members.slice(0, 60)) {
    add(String(value), { code: 'id_from_elsewhere', detail: `the payload's ${path}` })
  }
  for (const text of ['', 'undefined', 'null', '[object Object]']) {
    add(text, { code: 'id_from_elsewhere', detail: `the text "${text}"` })
  }
  return list
}

function timestampVariants(captured: Captured, named: Named, members: Members): Values {
  const { add, list } = createVariants<string>((value) => value)
  const { names, timestamp } = named
  if (timestamp !== undefined) {
    add(timestamp)
    for (const part of timestamp.split(/,\s+/)) {
      if (part !== timestamp) add(part, { code: 'headers_joined', detail: names[1] })
    }
    addForms(timestamp, (text, ms) =>
      add(text, { code: 'timestamp_not_seconds', ...(ms && { detail: 'it is in milliseconds' }) }),
    )
  }
  for (const [name, value] of captured.headers) {
    if (!/(timestamp|time|date|sent-at|[-_]ts)$/.test(name)) continue
    addForms(value, (text) => add(text, nameChange(name, timestamp, 'timestamp')))
  }
  for (const [, value] of captured.headers) {
    const [, stripe] = /(?:^|,)\s*t=(\d+)/.exec(value) ?? []
    add(stripe, { code: 'header_names', detail: 't= in another header' })
  }
  for (const [path, value] of members) {
    const change = { code: 'timestamp_from_elsewhere', detail: `the payload's ${path}` } as const
    addForms(String(value), (text) => add(text, change))
  }
  for (const text of ['undefined', 'NaN', 'null', '0']) {
    add(text, { code: 'timestamp_from_elsewhere', detail: `the text "${text}"` })
  }
  return list
}

/** Another header in place of the standard's one, or beside it. */
function nameChange(name: string, own: string | undefined, member: 'id' | 'timestamp'): Change {
  if (own === undefined) return { code: 'header_names', detail: name }
  return { code: `${member}_from_elsewhere`, detail: `the header ${name}` }
}

function tidied(text: string): string[] {
  const bare = text.trim().replace(/^["'<{(]+|["'>})]+$/g, '')
  return [bare, percentDecoded(text) ?? text, bare.toLowerCase(), bare.toUpperCase(), `${text} `]
}

/** A moment as seconds, as milliseconds, and as it was written. */
function addForms(text: string, add: (text: string, ms: boolean) => void): void {
  const trimmed = text.trim().replace(/^["']+|["']+$/g, '')
  const digits = /^\+?0*(\d+)(?:\.\d+)?$/.exec(trimmed)?.[1]
  if (digits !== undefined && digits.length >= 12) {
    add(text, true)
    add(String(Math.floor(Number(digits) / 1000)), true)
    add(String(Math.round(Number(digits) / 1000)), true)
  } else if (digits !== undefined && digits.length >= 9) {
    add(text, false)
    add(trimmed, false)
    add(digits, false)
    add(`${digits}000`, true)
    add(`${digits}.0`, false)
    const date = new Date(Number(digits) * 1000)
    const iso = date.toISOString()
    for (const text of [iso, iso.replace('.000', ''), iso.replace('.000Z', '+00:00')])
      add(text, false)
    add(date.toUTCString(), false)
  } else {
    const time = /\d{4}/.test(trimmed) ? Date.parse(trimmed) : Number.NaN
    if (Number.isNaN(time)) return
    add(text, false)
    add(String(Math.floor(time / 1000)), false)
    add(String(time), true)
  }
}

type Members = readonly (readonly [path: string, value: string | number])[]

/** Short values of a JSON payload, those that look like ids and times first. */
function payloadMembers({ body }: Captured): Members {
  const found: [string, string | number][] = []
  const visit = (value: unknown, path: string, depth: number): void => {
    if (found.length >= 200) return
    if (typeof value === 'number' || (typeof value === 'string' && value.length <= 256)) {
      found.push([path, value])
    } else if (typeof value === 'object' && value !== null && depth < 4) {
      for (const [name, member] of Object.entries(value)) {
        visit(member, path ? `${path}.${name}` : name, depth + 1)
      }
    }
  }
  if (body.length <= 1_048_576) visit(parseJson(lossyText(body)), '', 0)
  const rank = ([path]: readonly [string, unknown]): number =>
    /(id|time|at|date)$/i.test(path) ? 0 : 1
  return found.sort((a, b) => rank(a) - rank(b))
}

/** Signed with the milliseconds that the header has lost. */
function addFractions({ id, timestamp }: Named, add: AddPrefix): void {
  if (id === undefined || !/^\d{9,11}$/.test(timestamp ?? '')) return
  const detail = 'it is in milliseconds in the signature'
  const change = { code: 'timestamp_not_seconds', detail } as const
  for (let part = 0; part < 1000; part++) {
    const milliseconds = timestamp + String(part).padStart(3, '0')
    add({ text: `${id}.${milliseconds}.`, guess: true }, change)
  }
}

/** The header was set anew a little later, or by another clock. */
function addWindow({ now }: Captured, { id, timestamp }: Named, add: AddPrefix): void {
  const around = [Number(timestamp), Math.floor(now)].filter((time) => Number.isSafeInteger(time))
  for (const time of id === undefined ? [] : around) {
    for (let offset = 1; offset <= WINDOW; offset++) {
      for (const signedAt of [time - offset, time + offset]) {
        const detail = `${Math.abs(Number(timestamp) - signedAt)} seconds away`
        const change = { code: 'timestamp_from_elsewhere', detail } as const
        const isGuess = offset > NEAR && { guess: true as const }
        add({ text: `${id}.${signedAt}.`, ...isGuess }, change)
      }
    }
  }
}
