import { decodeHex } from '../base/bytes.js'
import { platform } from '../base/platform.js'

/** The place where a delivery was received, as far as the framework knows it. */
export interface Endpoint {
  /** URL or path of the request. */
  readonly url: string
  /** The route's own pattern or patterns, if the framework knows which route it is. */
  readonly pattern?: unknown
  /** The values of the pattern's parameters. */
  readonly params?: object | null | undefined
  /** The path at which the route's router is mounted. */
  readonly base?: string | undefined
}

/**
 * The default scope of a webhook-id: the route's pattern with its named parameters, otherwise the path.
 * The path is not signed. So another spelling, or another remainder of a wildcard, must not make a replay look new.
 */
export function scopeOf(endpoint: string | Endpoint): string {
  if (typeof endpoint === 'string') return plainPath(endpoint)
  const { url, pattern, params, base = '' } = endpoint
  if (pattern === undefined || pattern === null) return plainPath(url)
  const patterns = [pattern].flat().map(String)
  const values = Object.entries(params ?? {})
    .filter(([name, value]) => !Array.isArray(value) && !isWildcard(patterns, name))
    .map(([, value]) => foldPath(String(value ?? '')))
  const route = plainPath(base) + patterns.map(plainPattern).join(' ')
  return values.length > 0 ? `${route} ${JSON.stringify(values)}` : route
}

/** The path of a URL or path. All spellings that a router may accept give the same result. */
export function plainPath(url: string): string {
  return foldPath(url.replace(/^[a-z][a-z\d+.-]*:[\\/]{2}[^\\/?#]*/i, '').replace(/[?#].*/s, ''))
}

/** The same for servers that route by `new URL(request.url, …).pathname`. They read `//x/hooks` as the path `/hooks` of another host. */
export function withoutHost(url: string): string {
  return url.replace(/^[\\/]{2,}[^\\/?#]*/, '')
}

/** Resolves dot segments, slashes and encodings as a URL does, even if they were encoded more than once. Then normalizes case and white space. */
function foldPath(text: string): string {
  if (/^(?:\/[a-z\d_-]+)+$/.test(text)) return text
  const segments: string[] = []
  for (const written of foldText(decode(text)).split(/[\\/]/)) {
    const segment = written.replace(/;.*/s, '').trim()
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return segments.map((segment) => `/${segment}`).join('')
}

// More passes than any router or proxy makes. The limit is needed because each pass may produce a new escape.
const PASSES = 4

function decode(text: string): string {
  let decoded = text
  for (let pass = 0; pass < PASSES && decoded.includes('%'); pass++) {
    decoded = decoded.replace(/(?:%[\da-f]{2})+/gi, (run) =>
      new (platform('TextDecoder'))().decode(decodeHex(run.replaceAll('%', ''))),
    )
  }
  return decoded
}

/** Makes texts equal that look or compare equal: full-width letters, invisible characters, case, runs of white space. */
function foldText(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .toUpperCase()
    .toLowerCase()
}

/** A pattern without parameters is a path. */
function plainPattern(pattern: string): string {
  return /[:*{(]/.test(pattern) ? pattern : plainPath(pattern)
}

/** Checks whether this parameter matches the remainder of the path: `*`, `*rest`, `:rest(.*)`, `:rest{.+}`, `:rest+`, `{rest+}`, `(?<rest>.*)`. */
function isWildcard(patterns: readonly string[], name: string): boolean {
  // Groups without a name are numbered.
  if (name === '*' || /^\d+$/.test(name)) return true
  return patterns.some((pattern) => takesSlashes(pattern, name))
}

function takesSlashes(pattern: string, name: string): boolean {
  for (const before of ['*', '*"', ':', ':"', '{', '(?<']) {
    const rest = textAfter(pattern, before + name)
    if (rest === undefined) continue
    if (before.startsWith('*') || /^[*+]/.test(rest)) return true
    const group = before === '(?<' ? `(${rest.slice(1)}` : rest
    return /^[({]/.test(group) && matchesSlash(insideOf(group), group)
  }
  return false
}

/** The text after a parameter, whose name may also be the beginning of an earlier one. */
function textAfter(pattern: string, parameter: string): string | undefined {
  const start = pattern.indexOf(parameter)
  if (start < 0) return undefined
  const rest = pattern.slice(start + parameter.length).replace(/^["?]/, '')
  return /^\w/.test(rest) ? textAfter(rest, parameter) : rest
}

/** The text between the first bracket and the one that closes it. */
function insideOf(group: string): string {
  let depth = 0
  for (let at = 0; at < group.length; at++) {
    if (group[at] === '\\') at++
    else if ('({'.includes(group.charAt(at))) depth++
    else if (')}'.includes(group.charAt(at)) && --depth === 0) return group.slice(1, at)
  }
  return group.slice(1)
}

function matchesSlash(rule: string, group: string): boolean {
  if (/^[*+]/.test(group.slice(rule.length + 2))) return true
  try {
    const whole = new RegExp(`^(?:${rule})$`)
    return ['/', 'a/b', '/a', 'a/', '1/2'].some((text) => whole.test(text))
  } catch {
    // Express 4 reads `(*)` as `(.*)`.
    return true
  }
}
