import { type Captured, headerValue } from '../capture.js'
import { type Finding, findingsOf } from '../finding.js'
import { isJson, lossyText, textOf, withoutMark } from '../text.js'

export function bodySigns(captured: Captured): Finding[] {
  const { body, parsed } = captured
  const decoded = textOf(body)
  const text = withoutMark(lossyText(body))
  const encoding = headerValue(captured, 'content-encoding') ?? 'identity'
  const announced = Number(headerValue(captured, 'content-length') ?? body.length)
  const isOther = !parsed && Number.isFinite(announced) && announced !== body.length
  const looksLikeJson = decoded === undefined && /^\s*["[{]/.test(text)
  const breaksOff = decoded !== undefined && /^\s*[[{]/.test(text) && !isJson(text)
  return [
    ...findingsOf('certain', [[parsed || text === '[object Object]', 'body_parsed']]),
    ...findingsOf('likely', [
      [body.length === 0, 'body_empty'],
      [decoded?.includes('\ufffd'), 'body_charset', 'bytes became U+FFFD'],
      [looksLikeJson, 'body_charset', 'it looks like JSON but is not UTF-8'],
      [decoded === undefined && !looksLikeJson, 'body_compressed', 'the body is not text'],
      [breaksOff, 'body_length', 'it starts as JSON and breaks off or goes wrong'],
      [encoding !== 'identity', 'body_compressed', `content-encoding: ${encoding}`],
      [isOther, 'body_length', `content-length ${announced}, but ${body.length} bytes are here`],
      [text === '{}', 'body_empty', 'the body is {}'],
    ]),
  ]
}
