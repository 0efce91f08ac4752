import { encodeUtf8 } from '../base/bytes.js'
import { addCharsets, addCompressed, addEncodings, addLost } from './body-encodings.js'
import { addMembers, addStyles, addText } from './body-text.js'
import { type Captured, SMALL } from './delivery.js'
import {
  type AddBody,
  type Change,
  createVariants,
  type Variant,
  type Variants,
} from './finding.js'
import { jsonStyles } from './json-styles.js'
import * as text from './text.js'

/** Above this a text is not taken apart at all. */
const LARGE = 1536 * 1024
const MAX_PAIRS = 1500
const BOM = '\xef\xbb\xbf'
// What a second change is looked for behind.
const OPENERS = /^body_(base64|hex|compressed|wrapped|json_string|url|html|bom|line|chunked|parsed)/
const RESTYLED = /^body_(reserialised|unicode)/

/** The body as it arrived, or what is left of it. */
export function unchangedBody({ body, parsed }: Captured): Variant<Uint8Array>[] {
  return [{ value: body, changes: parsed ? [{ code: 'body_parsed' }] : [] }]
}

/** What may have been signed, given what arrived: the body itself first, then one change each. */
export async function bodyVariants(captured: Captured): Promise<Variants<Uint8Array>> {
  // A trial of a large body is cheaper than to find out whether it was tried before.
  const variants = createVariants<Uint8Array>((body) =>
    body.length <= SMALL ? text.fingerprint(body) : undefined,
  )
  for (const { value, changes } of unchangedBody(captured)) variants.add(value, ...changes)
  if (captured.parsed) addParsed(captured.body, variants.add)
  await addChanged(captured, captured.body, variants.add)
  return variants
}

/** Adds a second change to those that open a body up or write it anew, as long as it is small. Were there any? */
export async function addBodyPairs(
  captured: Captured,
  variants: Variants<Uint8Array>,
): Promise<boolean> {
  if (captured.body.length > SMALL) return false
  const small = variants.list.filter(({ value }) => value.length <= SMALL)
  const having = (codes: RegExp) =>
    small.filter(({ changes }) => codes.test(changes[0]?.code ?? ''))
  const [opened, restyled] = [having(OPENERS), having(RESTYLED)]
  for (const { value, changes } of restyled.slice(0, MAX_PAIRS)) {
    const marked = text.binaryBytes(BOM + text.binaryText(value))
    variants.add(marked, ...changes, { code: 'body_bom', detail: 'signed with it' })
  }
  for (const { value, changes } of opened) {
    if (variants.list.length > MAX_PAIRS + small.length) break
    await addChanged(captured, value, (next, ...more) => variants.add(next, ...changes, ...more))
  }
  return true
}

/** A parsed body: every way it may have been written is the one cause that it was parsed. */
function addParsed(body: Uint8Array, add: AddBody): void {
  for (const { text: styled } of jsonStyles(text.textOf(body) ?? '')) {
    add(encodeUtf8(styled), { code: 'body_parsed' })
  }
}

/** One change each: where there are few first, then where there are many, from the likely to the odd. */
async function addChanged(captured: Captured, body: Uint8Array, add: AddBody): Promise<void> {
  const binary = text.binaryText(body)
  const decoded = text.textOf(body)
  const taken = decoded !== undefined && body.length <= LARGE ? decoded : undefined
  addEnds(binary, add)
  addLines(binary, add)
  addCharsets(body, decoded, add)
  addEncodings(body, binary, add)
  await addCompressed(captured, body, add)
  add(new Uint8Array(0), { code: 'body_empty', detail: 'signed without a body' })
  if (taken !== undefined) {
    addText(taken, add)
    // Of a body that was parsed every style is there already.
    if (!captured.parsed || body !== captured.body) addStyles(taken, add)
    addMembers(taken, add)
  }
  addLost(binary, add)
}

function addEnds(binary: string, add: AddBody): void {
  const put = (value: string, detail: string): void =>
    add(text.binaryBytes(value), { code: 'body_whitespace', detail })
  put(`${binary}\n`, 'signed with a newline at the end')
  put(binary.replace(/\r?\n$/, ''), 'signed without the newline at the end')
  put(`${binary}\r\n`, 'signed with CRLF at the end')
  put(text.trimmed(binary, 'end'), 'signed without the white space at the end')
  put(text.trimmed(binary), 'signed without the white space around it')
  put(text.trimmed(binary, 'start'), 'signed without the white space at the start')
  put(`${binary} `, 'signed with a space at the end')
  put(`${binary}\n\n`, 'signed with two newlines at the end')
  put(`${binary}\r`, 'signed with CR at the end')
  put(`${binary}\t`, 'signed with a tab at the end')
  put(text.trimmed(binary, 'end', '\0'), 'signed without the NUL at the end')
  put(`${binary}\0`, 'signed with a NUL at the end')
  put(`\n${binary}`, 'signed with a newline at the start')
  put(` ${binary}`, 'signed with a space at the start')
}

function addLines(binary: string, add: AddBody): void {
  const put = (value: string, code: Change['code'], detail: string): void =>
    add(text.binaryBytes(value), { code, detail })
  const lf = binary.replace(/\r\n?/g, '\n')
  const crlf = lf.replaceAll('\n', '\r\n')
  put(binary.replaceAll('\r\n', '\n'), 'body_line_endings', 'signed with LF, arrived with CRLF')
  put(crlf, 'body_line_endings', 'signed with CRLF, arrived with LF')
  if (lf.includes('\n')) {
    put(`${crlf}\r\n`, 'body_line_endings', 'signed with CRLF, also at the end')
  }
  put(lf, 'body_line_endings', 'signed with LF')
  put(lf.replaceAll('\n', '\r'), 'body_line_endings', 'signed with CR')
  put(lf.replaceAll('\n', ''), 'body_line_endings', 'signed without line breaks')
  if (binary.startsWith(BOM)) put(binary.slice(3), 'body_bom', 'signed without it')
  else put(BOM + binary, 'body_bom', 'signed with it')
}
