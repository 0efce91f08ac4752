import type { Captured } from '../capture.js'
import { type Add, change, createVariants, mergeChanges, type Variant } from '../variants.js'
import { idVariants } from './id-variants.js'
import type { Named } from './named-headers.js'
import { payloadMembers } from './payload-members.js'
import { timestampVariants } from './timestamp-variants.js'

const WINDOW = 600
// In seconds. Times this close to the header are also tried together with other changes.
const NEAR = 3
const MAX_PAIRS = 2000

/** Everything that may have been signed in front of the body. The content of the standard comes first. */
export function prefixVariants(captured: Captured, named: Named): readonly Variant<string>[] {
  const { add, list } = createVariants<string>()
  const members = payloadMembers(captured)
  const ids = idVariants(captured, named, members)
  const times = timestampVariants(captured, named, members)
  const pairs = ids.flatMap((id) =>
    times.map((time) => ({ id, time, changes: [...id.changes, ...time.changes] })),
  )
  for (const { id, time, changes } of pairs) {
    if (pairs.length > MAX_PAIRS && mergeChanges(changes).length > 1) continue
    add(`${id.value}.${time.value}.`, ...changes)
  }
  for (const { id, time, changes } of pairs) {
    if (changes.length > 1) continue
    for (const [detail, text] of otherContents(id.value, time.value)) {
      add(text, ...changes, change('signed_content', detail))
    }
  }
  add('', change('signed_content', 'the body alone'))
  if (named.id !== undefined) {
    addWindow(captured, named, add)
    addFractions(named, add)
  }
  return list
}

/** The signed contents of other schemes and of mistakes. */
function otherContents(id: string, timestamp: string): [string, string][] {
  return [
    ['the body alone', ''],
    ['timestamp.body', `${timestamp}.`],
    ['timestamp.id.body', `${timestamp}.${id}.`],
    ['id.body', `${id}.`],
    ['id, timestamp and body without dots', `${id}${timestamp}`],
    ['id.timestamp and body without a dot', `${id}.${timestamp}`],
    ['timestamp and body without a dot', `${timestamp}`],
    ['id:timestamp:body', `${id}:${timestamp}:`],
    ['timestamp:body', `${timestamp}:`],
    ['v0:timestamp:body', `v0:${timestamp}:`],
    ['v1:timestamp:body', `v1:${timestamp}:`],
    ['id, timestamp and body on lines', `${id}\n${timestamp}\n`],
  ]
}

/** The header was set again a little later, or from another clock. */
function addWindow({ now }: Captured, { id, timestamp }: Named, add: Add<string>): void {
  const around = [Number(timestamp), Math.floor(now)].filter((time) => Number.isSafeInteger(time))
  for (const time of around) {
    for (let offset = 1; offset <= WINDOW; offset++) {
      for (const signedAt of [time - offset, time + offset]) {
        const detail = `${Math.abs(Number(timestamp) - signedAt)} seconds away`
        const away = change('timestamp_from_elsewhere', detail)
        add(`${id}.${signedAt}.`, offset > NEAR ? { ...away, guess: true } : away)
      }
    }
  }
}

/** The signature has the milliseconds, and the header has lost them. */
function addFractions({ id, timestamp }: Named, add: Add<string>): void {
  if (!/^\d{9,11}$/.test(timestamp ?? '')) return
  const lost = change('timestamp_not_seconds', 'it is in milliseconds in the signature')
  for (let part = 0; part < 1000; part++) {
    add(`${id}.${timestamp}${String(part).padStart(3, '0')}.`, { ...lost, guess: true })
  }
}
