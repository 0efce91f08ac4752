import type { Attributes } from '@opentelemetry/api'
import { ERROR_CODES } from '../base/errors.js'
import { REFRESH_ERROR_REASONS } from '../sources/refresh-error.js'

const TYPES: ReadonlySet<unknown> = new Set([...ERROR_CODES, ...REFRESH_ERROR_REASONS])

/** The attribute of the semantic conventions, and their value for everything outside our lists. So the number of series is limited. */
export function errorType(name: unknown): Attributes {
  if (name === undefined) return {}
  return { 'error.type': TYPES.has(name) ? String(name) : '_OTHER' }
}
