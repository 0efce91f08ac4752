import { malformed } from '../base/errors.js'
import type { HeadersInput } from './types.js'

type Lines = Iterable<readonly [string, string]>

/** Copies the lines of an iterator, because it can be read only once. Returns everything else unchanged. */
export function reusable(headers: HeadersInput): HeadersInput {
  return Object(headers).next?.call ? [...(headers as Lines)] : headers
}

type Values = (string | undefined)[]

/**
 * One value per name. Several lines of one name are joined as Node and `Headers` do.
 * Checks the shape and not the class. A Map (iterable, no `append`) keeps the case of its keys, so `get` would miss some.
 */
export function readHeaders(input: HeadersInput, names: readonly string[]): Values {
  const headers: Container = Object(input)
  // With its length, because an array that grows reserves room for many more values.
  const values: Values = new Array(names.length)

  if (Array.isArray(headers) && typeof headers[0] === 'string') {
    for (let i = 0; i < headers.length; i += 2) read(values, names, headers[i], headers, i + 1)
  } else if (headers[Symbol.iterator] && !headers.append) {
    for (const pair of headers) read(values, names, pair?.[0], pair, 1)
  } else if (typeof headers.get === 'function') {
    for (const name of names) read(values, names, name, [headers.get(name)], 0)
  } else {
    // Without the list of `Object.keys`. Inherited names do not count.
    for (const name in headers)
      if (Object.hasOwn(headers, name)) read(values, names, name, headers, name)
  }
  return values
}

// biome-ignore lint/suspicious/noExplicitAny: recognized by shape, key by key
type Container = any

/** Adds what stands at `from[key]`, if it is the value of one of the names. */
function read(
  values: Values,
  names: readonly string[],
  name: unknown,
  from: Container,
  key: string | number,
): void {
  const index = indexOfName(names, name)
  if (index < 0) return
  const value = from[key] ?? []
  if (Array.isArray(value)) for (const line of value) add(values, names, index, line)
  else add(values, names, index, value)
}

function add(values: Values, names: readonly string[], index: number, line: unknown): void {
  if (typeof line !== 'string') throw malformed(`${names[index]} must be text, not ${typeof line}`)
  values[index] = values[index] === undefined ? line : `${values[index]}, ${line}`
}

// `toLowerCase` is expensive, so it is called only for names whose length can match.
function indexOfName(names: readonly string[], name: unknown): number {
  if (typeof name === 'string') {
    for (let i = 0; i < names.length; i++) {
      const wanted = names[i]
      if (name.length === wanted?.length && (name === wanted || name.toLowerCase() === wanted))
        return i
    }
  }
  return -1
}
