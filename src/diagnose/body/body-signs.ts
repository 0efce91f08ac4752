import { type Captured, headerValue } from '../capture.js'
import { type Finding, finding } from '../finding.js'
import { isJson, lossyText, textOf } from '../text.js'

/** Signs in the body that something happened to it. */
export function bodySigns(captured: Captured): Finding[] {
  const { body, parsed } = captured
  const found: Finding[] = []
  const likely = (code: Finding['code'], detail?: string): void => {
    found.push(finding(code, 'likely', { detail }))
  }
  const decoded = textOf(body)
  const text = lossyText(body).replace(/^\ufeff/, '')
  if (parsed || text === '[object Object]') found.push(finding('body_parsed', 'certain'))
  if (body.length === 0) likely('body_empty')
  if (decoded?.includes('\ufffd')) likely('body_charset', 'bytes became U+FFFD')
  if (decoded === undefined) {
    if (/^\s*["[{]/.test(text)) likely('body_charset', 'it looks like JSON but is not UTF-8')
    else likely('body_compressed', 'the body is not text')
  } else if (/^\s*[[{]/.test(text) && !isJson(text)) {
    likely('body_length', 'it starts as JSON and breaks off or goes wrong')
  }
  const encoding = headerValue(captured, 'content-encoding')
  if (encoding && encoding !== 'identity')
    likely('body_compressed', `content-encoding: ${encoding}`)
  const length = Number(headerValue(captured, 'content-length') ?? Number.NaN)
  if (!parsed && Number.isFinite(length) && length !== body.length) {
    likely('body_length', `content-length ${length}, but ${body.length} bytes are here`)
  }
  if (text === '{}') likely('body_empty', 'the body is {}')
  return found
}
