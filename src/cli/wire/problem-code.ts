/** The `code` of a problem document such as countersign's own answers, if the answer is one. */
export function problemCode(body: Uint8Array): string | undefined {
  if (body.length > 65_536) return undefined
  try {
    const { code } = Object(JSON.parse(Buffer.from(body).toString()))
    return typeof code === 'string' && /^[a-z_]{1,40}$/.test(code) ? code : undefined
  } catch {
    return undefined
  }
}
