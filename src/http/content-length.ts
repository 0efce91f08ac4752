/** The announced length in bytes; `undefined` if there is none or it is not a length. */
export function contentLength(header: unknown): number | undefined {
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : undefined
}
