/** The length that was announced, in bytes; `undefined` for none and for what is not a length. */
export function contentLength(header: unknown): number | undefined {
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : undefined
}
