import { printable } from '../../base/printable.js'
import type { Forwarded, ListedDelivery } from '../listener/listed-delivery.js'
import { sizeText } from '../listener/size-text.js'

export { sizeText }

/** A stranger's text on one line; nothing in it is invisible or turns the direction of writing. */
export function shown(text: string | undefined, missing: string): string {
  if (text === undefined || text === '') return missing
  const safe = printable(text.slice(0, 2000))
  return text.length > 2000 ? `${safe}…` : safe
}

/** Header values have one character per byte; most senders mean UTF-8. */
export function headerText(value: string): string {
  const bytes = Uint8Array.from(value, (character) => character.charCodeAt(0) & 255)
  try {
    return printable(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return printable(value)
  }
}

export function ageText(iso: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000))
  if (seconds < 2) return 'now'
  if (seconds < 120) return `${seconds} s ago`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`
  return `${Math.round(seconds / 3600)} h ago`
}

/** The verdict with its icon, so that colour is never alone. */
export function verdictText({ verdict, code }: ListedDelivery): string {
  return verdict === 'accepted' ? '✓ Accepted' : `✗ Refused: ${code ?? 'unknown'}`
}

export function sentence({ verdict, detail, keyId, status, forwarded }: ListedDelivery): string {
  const said =
    verdict === 'accepted'
      ? `Authentic and fresh, signed with key ${keyId}.`
      : `${capital(shown(detail?.replace(/: diagnose\(.*/, ''), 'it does not verify'))}.`
  const isOpen = verdict === 'refused' && (forwarded?.status ?? 500) < 300
  const warning = isOpen ? ' The application accepted it although it does not verify here.' : ''
  return `${said}${status === 0 ? ' The application has not answered yet.' : ''}${warning}`
}

function capital(text: string): string {
  // Names of headers keep their spelling.
  return /^\w+-/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1)
}

export function forwardText(forwarded: Forwarded | undefined): string {
  if (!forwarded) return 'not forwarded'
  const { status, code, failure, duration } = forwarded
  if (failure !== undefined) return 'no answer'
  return `${status}${code === undefined ? '' : ` ${code}`} in ${Math.round(duration)} ms`
}

export function signedText(age: number | undefined): string {
  if (age === undefined) return 'unknown'
  const seconds = Math.round(Math.abs(age))
  if (seconds === 0) return 'as it arrived'
  return `${seconds} s ${age < 0 ? 'after' : 'before'} it arrived`
}
