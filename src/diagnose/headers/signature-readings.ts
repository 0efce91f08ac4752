import { decodeHex, encodeBase64 } from '../../base/bytes.js'
import { type Captured, headerValue } from '../capture.js'
import { forgivingBase64, percentDecoded, textOf } from '../text.js'
import { type Add, behind, type Change, change, createVariants, type Variant } from '../variants.js'

/** The signatures as canonical base64. Their changes are the mistakes in the way they were written. */
export interface Readings {
  readonly list: readonly Variant<string>[]
  /** The beginnings of signatures that were cut short. */
  readonly cut: readonly string[]
}

export function hasSignature({ list, cut }: Readings): boolean {
  return list.length + cut.length > 0
}

const EXTRA = change('signature_format', 'there is other text around it')

// The lengths of SHA-1, SHA-256, SHA-384, and SHA-512 or ed25519.
const BYTES = [20, 32, 48, 64]
const LENGTHS = BYTES.map((bytes) => 4 * Math.ceil(bytes / 3))
const STANDARD = /^v1a?,(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const LABEL = /(?:^|[^A-Za-z0-9])([A-Za-z]{1,12}\d{0,3}[a-z]?)(?:([,=:.])\s*|\s+)["']?$/
const MAX_LENGTH = 16_384
const VALUE = /[A-Za-z0-9+/_-]{16,}={0,2}/g

/** Every signature in the headers. Those of the signature header come first. */
export function signatureReadings(captured: Captured, signatureName: string): Readings {
  const { add, list } = createVariants<string>()
  const header = (headerValue(captured, signatureName) ?? '').slice(0, MAX_LENGTH)
  addReadings(header, add, [EXTRA])
  for (const [name, value] of captured.headers) {
    if (name === signatureName || !/sig|hmac|hash|digest|auth|token/.test(name)) continue
    addReadings(value, behind(add, change('header_names', name)))
  }
  const cut = [...header.matchAll(/(?:^|[\s,=])([A-Za-z0-9+/]{8,42})(?=$|[\s,.…])/g)]
  return { list, cut: cut.flatMap(([, value]) => value ?? []) }
}

/** Adds the signatures that a verifier reads, and then those that are written with mistakes. */
function addReadings(header: string, add: Add<string>, otherwise: readonly Change[] = []): void {
  addStandard(header, add)
  addLoose(header, add, otherwise)
  const addUrl = behind(add, change('signature_url_encoded'))
  const decoded = percentDecoded(header)
  if (decoded !== undefined) addLoose(decoded, addUrl)
  if (header.includes(' ')) addLoose(header.replaceAll(' ', '+'), addUrl)
}

function addStandard(header: string, add: Add<string>): void {
  for (const token of header.split(/,? +/)) {
    const [version, value = ''] = token.split(',')
    if (!STANDARD.test(token) || !LENGTHS.includes(value.length)) continue
    if (version === (value.length === 44 ? 'v1' : 'v1a')) add(value)
    else add(value, change('signature_version', `labelled ${version}`))
  }
}

function addLoose(text: string, add: Add<string>, otherwise: readonly Change[] = []): void {
  for (const { 0: run, index } of text.matchAll(VALUE)) {
    const label = LABEL.exec(text.slice(Math.max(0, index - 20), index))
    for (const [bytes, detail] of spellings(run)) {
      if (!bytes || !BYTES.includes(bytes.length)) continue
      const value = encodeBase64(bytes)
      const form = detail === undefined ? [] : [change('signature_encoding', detail)]
      const found = [...form, ...labelChanges(label, value, text)]
      // The signatures that a verifier reads are there already, so something is wrong with this one.
      add(value, ...(found.length > 0 ? found : otherwise))
    }
  }
}

/** The bytes that these characters may stand for. */
function spellings(run: string): [bytes: Uint8Array | undefined, detail?: string][] {
  const digits = run.replace(/=+$/, '')
  const bytes = digits.length % 4 === 1 ? undefined : forgivingBase64(digits)
  const isPadded = digits.length % 4 === 0 || run.length % 4 === 0
  const form = /[-_]/.test(digits) ? 'base64url' : isPadded ? undefined : 'its padding is missing'
  const inner = bytes && textOf(bytes)
  return [
    [decodeHex(digits.replace(/^0x/i, '')), 'hexadecimal'],
    form === undefined ? [bytes] : [bytes, form],
    [inner ? decodeHex(inner) : undefined, 'base64 of hexadecimal'],
  ]
}

function labelChanges(label: RegExpExecArray | null, value: string, text: string): Change[] {
  const [, name, mark = ' '] = label ?? []
  const known = value.length === 44 ? 'v1' : 'v1a'
  const format = (detail: string): Change[] => [change('signature_format', detail)]
  if (name === undefined) return format('there is no "v1," in front of it')
  if (name !== known && /^v\d+[a-z]?$/i.test(name)) {
    return [change('signature_version', `labelled ${name}`)]
  }
  if (name !== known) return format(`labelled ${name}${mark}`)
  if (mark !== ',') return format(`"${mark}" for a comma`)
  const several = (text.match(/v\d+a?,/g) ?? []).length > 1
  return several ? [change('headers_joined', 'signatures')] : []
}
