import type { CapturedRequest } from './capture-file.js'
import { shellWords } from './shell-words.js'

type ReadFile = (path: string) => Promise<Uint8Array>

interface Parts {
  method: string | undefined
  url: string
  headers: [string, string][]
  body: Uint8Array[]
  isJson: boolean
}

/** Does it start with the word `curl`? */
export function isCurl(text: string): boolean {
  return /^[\s$>]*curl(\.exe)?\s/.test(text)
}

const DATA = /^(-d|--data|--data-ascii|--data-raw|--data-binary|--json)$/
/** Options that are followed by a value without meaning for the delivery. */
const WITH_VALUE =
  /^(-[AbcCDeEFmKoPQrtTuUwxXyYzZ]|--(cacert|cert|cert-type|ciphers|config|connect-timeout|connect-to|cookie|cookie-jar|dump-header|interface|key|limit-rate|max-redirs|max-time|noproxy|output|pass|proxy|proxy-user|range|referer|resolve|retry|retry-delay|retry-max-time|stderr|tls-max|unix-socket|user|user-agent|write-out))$/
const SIMPLE: Readonly<Record<string, string>> = {
  '-A': 'User-Agent',
  '--user-agent': 'User-Agent',
  '-e': 'Referer',
  '--referer': 'Referer',
}

/** Reads the text of a `curl` command as browsers and other tools copy it. The command is not run; files it names (`@file`) are read. */
export async function parseCurl(text: string, readFile: ReadFile): Promise<CapturedRequest> {
  // What browsers copy for cmd.exe: each quote has a caret before it.
  if (/\s\^"/.test(text)) {
    throw new TypeError('the curl command is written for cmd.exe: copy it as cURL (bash)')
  }
  const parts: Parts = { method: undefined, url: '/', headers: [], body: [], isJson: false }
  const words = shellWords(text.replace(/^[\s$>]+/, '')).slice(1)
  for (let i = 0; i < words.length; i++) {
    const [word, attached] = split(words[i] ?? '')
    const takes = TAKES.test(word) || DATA.test(word) || WITH_VALUE.test(word)
    const value = takes ? (attached ?? words[++i]) : undefined
    if (takes && value === undefined) {
      throw new TypeError(`the curl command is cut short: ${word} has no value`)
    }
    await take(parts, word, value ?? '', readFile)
  }
  const body = Buffer.concat(parts.body)
  const method = parts.method ?? (parts.body.length > 0 ? 'POST' : 'GET')
  return { method, url: parts.url, headers: parts.headers, body }
}

const TAKES = /^(-H|--header|-X|--request|--url|--data-urlencode)$/

/** Switches of one letter, and behind them a letter that takes a value. */
const LETTERS = /^-[#aBfgGiIjJklLMnNOpqRsSvVZ0-46]*([HXdAbcCDeEFKmoPQrtTuUwxyYz])([\s\S]*)$/

/** The option of a word, and the value in the same word: `-XPOST`, `--request=POST`. `-sSd` is `-d`, whose value follows. */
function split(word: string): [option: string, value?: string | undefined] {
  const [, long, given] = /^(--[\w-]+)=([\s\S]*)$/.exec(word) ?? []
  if (long !== undefined) return [long, given]
  const [, letter, value] = LETTERS.exec(word) ?? []
  return letter === undefined ? [word] : [`-${letter}`, value || undefined]
}

async function take(parts: Parts, word: string, value: string, readFile: ReadFile): Promise<void> {
  if (word === '-H' || word === '--header') parts.headers.push(...headerOf(value))
  else if (word === '-X' || word === '--request') parts.method = value
  else if (word === '--url') parts.url = value
  else if (word === '--data-urlencode' || word === '-F' || word === '--form') {
    throw new TypeError(`the curl command builds its body with ${word}: use --data-binary`)
  } else if (DATA.test(word)) await takeData(parts, word, value, readFile)
  else if (SIMPLE[word]) parts.headers.push([SIMPLE[word], value])
  else if (!word.startsWith('-')) parts.url = word
}

function headerOf(line: string): [string, string][] {
  const [, name = '', mark, value = ''] = /^([^:;]+)([:;])\s*([\s\S]*)$/.exec(line) ?? []
  // "Name:" takes a header away, "Name;" sends it empty.
  if (name === '' || (mark === ':' && value === '')) return []
  // curl sends text as UTF-8, and a header value has one character per byte.
  return [[name.trim(), Buffer.from(value.trimEnd(), 'utf8').toString('latin1')]]
}

async function takeData(
  parts: Parts,
  word: string,
  value: string,
  readFile: ReadFile,
): Promise<void> {
  // curl itself puts & between several.
  if (parts.body.length > 0 && word !== '--json') parts.body.push(Buffer.from('&'))
  if (word === '--data-raw' || !value.startsWith('@')) parts.body.push(Buffer.from(value))
  else parts.body.push(await dataFile(word, value.slice(1), readFile))
}

async function dataFile(word: string, path: string, readFile: ReadFile): Promise<Uint8Array> {
  if (path === '-') {
    throw new TypeError('the curl command takes its body from standard input: name a file instead')
  }
  const bytes = await readFile(path)
  if (word === '--data-binary' || word === '--json') return bytes
  // What -d does to a file.
  return Uint8Array.from(bytes).filter((byte) => byte !== 10 && byte !== 13 && byte !== 0)
}
