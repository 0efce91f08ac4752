import { decodeBody } from './lines.js'

/** A delivery with its bytes. */
export interface Copied {
  readonly method: string
  readonly url: string
  /** A value has one character per byte. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array
}

/** What curl writes itself, or what belonged to one connection. */
const OMITTED =
  /^(connection|keep-alive|proxy-authenticate|proxy-authorization|proxy-connection|te|trailer|transfer-encoding|upgrade|content-length)$/i
/** What curl would add of its own. */
const ADDED = ['Accept', 'Content-Type', 'Expect', 'User-Agent']
/** An argument may be no longer on some systems, and a shell no better for it. */
const MAX_ARGUMENT = 32_768

/** A `curl` command for a POSIX shell that sends the same request: method, address, header lines and bytes. */
export function curlCommand({ method, url, headers, body }: Copied, origin: string): string {
  const lines = headers.filter(([name]) => !OMITTED.test(name))
  const missing = ADDED.filter((added) => !lines.some(([name]) => sameName(name, added)))
  const path = url.startsWith('/') ? url : `/${url}`
  const [before, data] = bodyParts(body)
  return [
    `${before}curl -i -sS --http1.1 --globoff --path-as-is -X ${quote(method)} ${quote(origin + path)}`,
    ...lines.map(
      ([name, value]) => `-H ${quoteBytes(value === '' ? `${name};` : `${name}: ${value}`)}`,
    ),
    ...missing.map((name) => `-H '${name}:'`),
    data,
  ].join(' \\\n  ')
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/** What goes before the command, and the option with the body. */
function bodyParts(body: Uint8Array): readonly [before: string, option: string] {
  const text = body.length <= MAX_ARGUMENT ? decodeBody(body) : undefined
  if (text !== undefined && isPlain(text)) return ['', `--data-raw ${quote(text)}`]
  // Bytes that no argument can hold, or that would act on the terminal they are pasted into.
  return [`base64 -d <<'END' |\n${wrapped(body)}\nEND\n`, '--data-binary @-']
}

/** Nothing that a terminal acts upon, and nothing invisible. */
function isPlain(text: string): boolean {
  return !/[^\P{C}\n]|[\p{Zl}\p{Zp}]/u.test(text)
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** A header line whose characters are bytes. */
function quoteBytes(line: string): string {
  if (/^[ -~]*$/.test(line)) return quote(line)
  // $'…' is bash's, zsh's and, since 2024, the standard's way to write bytes.
  const escaped = line.replace(
    /[^ -~]|['\\]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
  return `$'${escaped}'`
}

function wrapped(bytes: Uint8Array): string {
  return (base64(bytes).match(/.{1,76}/g) ?? []).join('\n')
}

/** Base64 of bytes, in pieces that no call's arguments are too many for. */
export function base64(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let at = 0; at < bytes.length; at += 8190) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 8190)))
  }
  return btoa(parts.join(''))
}
