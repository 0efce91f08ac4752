import { at, type Json, type Path, pathsOf, withAt } from './json.js'
import type { Random } from './random.js'

/** What changes an input: at random places, with pieces of its own, of other inputs and of a dictionary. */
export interface Mutator {
  mutate(input: Json, other: Json): Json
}

const MOST_CHARACTERS = 20_000

/** Characters that parsers, terminals and decoders treat in their own way. */
const ODD = [
  ...'\0\t\n\v\r\x1b\x7f\x85\xa0\xad ,.;:=+-_/\\"\'`$%&@#<>()[]{}|^~*?!0129aAzZvéßıſK٣０中😀',
].concat(
  '\u202e',
  '\u2028',
  '\u200b',
  '\u2066',
  '\ufeff',
  '\ufffd',
  '\ud800',
  '\udc00',
  '\u{e0001}',
)

const NUMBERS = [
  '0',
  '1',
  '-1',
  '00',
  '1e3',
  '0x10',
  '1.5',
  '4096',
  '1048576',
  '2147483648',
  '9007199254740993',
  '1e400',
  'NaN',
]
const JSON_VALUES: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e300,
  '',
  'x',
  [],
  {},
  [[]],
  { a: 1 },
]
const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'then',
  'length',
  'toJSON',
  '0',
  '',
]

export function createMutator(random: Random, dictionary: readonly string[]): Mutator {
  function mutate(input: Json, other: Json): Json {
    let result = input
    for (let times = 1 + random.below(4); times > 0; times--) result = once(result, other)
    return result
  }

  function once(input: Json, other: Json): Json {
    const path = random.pick(pathsOf(input))
    return withAt(input, path, (old) => changed(old, other))
  }

  /** Values keep their type; inside JSON text they need not. */
  function changed(old: Json, other: Json): Json {
    if (typeof old === 'string') return changedText(old, other).slice(0, MOST_CHARACTERS)
    if (typeof old === 'number') return changedNumber(old)
    if (typeof old === 'boolean') return !old
    if (Array.isArray(old)) return changedList(old)
    return old
  }

  function changedNumber(old: number): number {
    return random.pick([
      0,
      1,
      old + 1,
      old - 1,
      old * 2,
      Math.floor(old / 2),
      random.below(100_000),
    ])
  }

  function changedList(old: readonly Json[]): Json {
    const list = [...old]
    const index = random.below(list.length + 1)
    const item = list[random.below(list.length)]
    if (item === undefined) return list
    if (random.chance(2)) list.splice(index, 0, item)
    else list.splice(index, 1)
    return random.chance(4) ? list.reverse() : list.slice(0, 40)
  }

  function changedText(text: string, other: Json): string {
    if (/^\s*[[{]/.test(text) && random.chance(2)) {
      const inner = changedJson(text)
      if (inner !== undefined) return inner
    }
    const [start, end] = slice(text)
    const part = text.slice(start, end)
    const [before, after] = [text.slice(0, start), text.slice(end)]
    const replacements = [
      () => '',
      () => part + part,
      () => part.repeat(1 + random.below(1 << random.below(10))),
      () => random.pick(ODD),
      () => part + random.pick(ODD),
      () => random.pick(dictionary),
      () => part + random.pick(dictionary),
      () => piece(other),
      () => flipped(part),
      () => [...part].reverse().join(''),
      () => part.replace(/\d+/, () => random.pick(NUMBERS)),
      () =>
        part.replace(/\d+/, (digits) => String(Number(digits) + random.pick([1, -1, 300, -301]))),
    ]
    return before + random.pick(replacements)() + after
  }

  /** A short part, or all of it. */
  function slice(text: string): [number, number] {
    if (random.chance(8)) return [0, text.length]
    const start = random.below(text.length + 1)
    return [start, Math.min(text.length, start + random.below(1 << random.below(7)))]
  }

  function flipped(part: string): string {
    const index = random.below(part.length + 1)
    const code = part.charCodeAt(index)
    if (Number.isNaN(code)) return part
    const other = random.chance(4) ? code ^ 0x80 : code ^ (1 << random.below(7))
    return part.slice(0, index) + String.fromCharCode(other) + part.slice(index + 1)
  }

  /** A part of a text of another input. */
  function piece(other: Json): string {
    const texts = pathsOf(other)
      .map((path) => at(other, path))
      .filter((value) => typeof value === 'string')
    if (texts.length === 0) return ''
    const text = random.pick(texts)
    return text.slice(...slice(text))
  }

  /** The same JSON text with one value changed for any other, or a key added. */
  function changedJson(text: string): string | undefined {
    let value: Json
    let path: Path
    try {
      value = JSON.parse(text)
      path = random.pick(pathsOf(value))
    } catch {
      // It is not JSON, or it is nested too deeply for functions that call themselves.
      return undefined
    }
    const changedValue = withAt(value, path, (old) => {
      if (random.chance(3)) return random.pick(JSON_VALUES)
      const isObject = typeof old === 'object' && old !== null && !Array.isArray(old)
      if (!isObject) return changed(old, old)
      const added: [string, Json] = [
        random.pick([...KEYS, ...Object.keys(old)]),
        random.pick(JSON_VALUES),
      ]
      return Object.fromEntries([...Object.entries(old), added])
    })
    const json = JSON.stringify(changedValue)
    if (!random.chance(20)) return json
    const depth = random.below(5000)
    return json.replace(/null|true|\d+|"[^"]*"/, `${'['.repeat(depth)}${']'.repeat(depth)}`)
  }

  return { mutate }
}
