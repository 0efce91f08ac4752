import { decodeHex, encodeBase64 } from '../../base/bytes.js'
import { type Captured, headerValue } from '../capture.js'
import { type Change, createVariants, type Variant } from '../finding.js'
import { binaryBytes, percentDecoded, textOf } from '../text.js'

/** Signatures as canonical base64, by what they are and by what was wrong with how they were written. */
export interface Readings {
  readonly list: readonly Variant<string>[]
  /** Beginnings of signatures that were cut. */
  readonly cut: readonly string[]
}

/** Is there anything that a MAC can be compared with? */
export function hasSignature({ list, cut }: Readings): boolean {
  return list.length + cut.length > 0
}

const EXTRA: Change = { code: 'signature_format', detail: 'there is other text around it' }

type Add = (value: string | undefined, ...changes: Change[]) => void

// Lengths of what SHA-1, SHA-256, SHA-384 and SHA-512 (and ed25519) give.
const BYTES = [20, 32, 48, 64]
const LENGTHS = BYTES.map((bytes) => 4 * Math.ceil(bytes / 3))
const STANDARD = /^v1a?,(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const LABEL = /(?:^|[^A-Za-z0-9])([A-Za-z]{1,12}\d{0,3}[a-z]?)(?:([,=:.])\s*|\s+)["']?$/
const MAX_LENGTH = 16_384
const VALUE = /[A-Za-z0-9+/_-]{16,}={0,2}/g

/** Every signature to be found, in the signature header first and then in any other. */
export function signatureReadings(captured: Captured, signatureName: string): Readings {
  const { add, list } = createVariants<string>((value) => value)
  const header = (headerValue(captured, signatureName) ?? '').slice(0, MAX_LENGTH)
  addStandard(header, add)
  addLoose(header, [], add)
  for (const [name, value] of captured.headers) {
    if (name === signatureName || !/sig|hmac|hash|digest|auth|token/.test(name)) continue
    const change = { code: 'header_names', detail: name } as const
    addStandard(value, (reading, ...changes) => add(reading, change, ...changes))
    addLoose(value, [change], add)
  }
  const cut = [...header.matchAll(/(?:^|[\s,=])([A-Za-z0-9+/]{8,42})(?=$|[\s,.…])/g)]
  return { list, cut: cut.flatMap(([, value]) => value ?? []) }
}

/** As the verifier reads them. */
function addStandard(header: string, add: Add): void {
  for (const token of header.split(/,? +/)) {
    if (!STANDARD.test(token)) continue
    const [version, value = ''] = token.split(',')
    if (!LENGTHS.includes(value.length)) continue
    const isMac = value.length === 44
    if (version === (isMac ? 'v1' : 'v1a')) add(value)
    else add(value, { code: 'signature_version', detail: `labelled ${version}` })
  }
}

/** As a patient reader finds them, noting what is wrong. */
function addLoose(header: string, changes: readonly Change[], add: Add): void {
  addValues(header, changes, add)
  const url = { code: 'signature_url_encoded' } as const
  const decoded = percentDecoded(header)
  if (decoded !== undefined) addValues(decoded, [...changes, url], add)
  if (header.includes(' ')) addValues(header.replaceAll(' ', '+'), [...changes, url], add)
}

function addValues(text: string, changes: readonly Change[], add: Add): void {
  for (const match of text.matchAll(VALUE)) {
    const before = text.slice(Math.max(0, match.index - 20), match.index)
    const label = LABEL.exec(before)
    for (const [value, form] of spellings(match[0])) {
      const found = [...changes, ...form, ...labelChanges(label, value, text)]
      // What the verifier reads is there already, so this is something it does not.
      add(value, ...(found.length > 0 ? found : [EXTRA]))
    }
  }
}

/** The bytes a run of characters can stand for. */
function spellings(run: string): [string, Change[]][] {
  const digits = run.replace(/=+$/, '')
  const found: [string, Change[]][] = []
  const put = (bytes: Uint8Array | undefined, ...changes: Change[]): void => {
    if (bytes && BYTES.includes(bytes.length)) found.push([encodeBase64(bytes), changes])
  }
  put(decodeHex(digits.replace(/^0x/i, '')), { code: 'signature_encoding', detail: 'hexadecimal' })
  const url = /[-_]/.test(digits)
  const bytes = fromBase64(digits)
  const padded = digits.length % 4 === 0 || run.length % 4 === 0
  const form: Change[] = []
  if (url) form.push({ code: 'signature_encoding', detail: 'base64url' })
  else if (!padded) form.push({ code: 'signature_encoding', detail: 'its padding is missing' })
  put(bytes, ...form)
  const inner = bytes && textOf(bytes)
  if (inner) put(decodeHex(inner), { code: 'signature_encoding', detail: 'base64 of hexadecimal' })
  return found
}

function fromBase64(digits: string): Uint8Array | undefined {
  if (digits.length % 4 === 1) return undefined
  return binaryBytes(atob(digits.replaceAll('-', '+').replaceAll('_', '/')))
}

function labelChanges(label: RegExpExecArray | null, value: string, text: string): Change[] {
  const [, name, mark = ' '] = label ?? []
  if (name === undefined)
    return [{ code: 'signature_format', detail: 'there is no "v1," in front of it' }]
  const known = value.length === 44 ? 'v1' : 'v1a'
  if (/^v\d+[a-z]?$/i.test(name) && name !== known) {
    return [{ code: 'signature_version', detail: `labelled ${name}` }]
  }
  if (name !== known) return [{ code: 'signature_format', detail: `labelled ${name}${mark}` }]
  if (mark !== ',') return [{ code: 'signature_format', detail: `"${mark}" for a comma` }]
  const several = (text.match(/v\d+a?,/g) ?? []).length > 1
  return several ? [{ code: 'headers_joined', detail: 'signatures' }] : []
}
