import type { IncomingMessage } from 'node:http'

/** Largest body that is taken, as in every adapter by default. */
export const MAX_BODY = 1_048_576

/** A body, or the first bytes of one that is too large. */
export interface ReadBody {
  readonly bytes: Buffer
  readonly isWhole: boolean
}

/** Reads at most one byte more than is taken, so that the adapter sees that it is too much. The rest flows by. Rejects if the sender hangs up. */
export function readBody(request: IncomingMessage): Promise<ReadBody> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      if (length > MAX_BODY) return
      chunks.push(chunk)
      length += chunk.length
      if (length > MAX_BODY) {
        const bytes = Buffer.concat(chunks).subarray(0, MAX_BODY + 1)
        chunks.length = 0
        resolve({ bytes: Buffer.from(bytes), isWhole: false })
      }
    })
    request.on('end', () => resolve({ bytes: Buffer.concat(chunks), isWhole: true }))
    request.on('error', reject)
    request.on('close', () => reject(new Error('the sender hung up')))
  })
}
