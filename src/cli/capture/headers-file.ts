/**
 * Headers from a file: JSON (an object, pairs, or Node's flat list), or lines of `Name: value` as `curl -v`, proxies and browsers show them.
 * Throws a `TypeError` for a file that holds none.
 */
export function parseHeadersFile(text: string): [string, string][] {
  const headers = /^\s*[{[]/.test(text) ? fromJson(text) : fromLines(text)
  if (headers.length === 0)
    throw new TypeError(
      'the headers file holds no header: it must be JSON or lines of "Name: value"',
    )
  return headers
}

function fromJson(text: string): [string, string][] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new TypeError('the headers file starts like JSON but is not: is it cut short?')
  }
  return pairsOf(value).flatMap(([name, value]) => {
    const lines: unknown[] = Array.isArray(value) ? value : [value]
    return lines.map((line): [string, string] => [String(name), String(line)])
  })
}

function pairsOf(value: unknown): readonly (readonly unknown[])[] {
  if (!Array.isArray(value)) return Object.entries(Object(value))
  if (typeof value[0] !== 'string') return value.filter(Array.isArray)
  return value.flatMap((name, i) => (i % 2 === 0 ? [[name, value[i + 1]]] : []))
}

/** Request lines, empty lines and the marks of `curl -v` are passed over. */
function fromLines(text: string): [string, string][] {
  return text.split(/\r?\n/).flatMap((line): [string, string][] => {
    const [, name, value] = /^[<>*\s]*([\w-]+)\s*:(.*)$/.exec(line) ?? []
    return name === undefined || value === undefined ? [] : [[name, value.trim()]]
  })
}
