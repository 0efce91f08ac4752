// What an example takes for granted: the reader's own request, secret, logger and application. `world.ts` has the values.
import type { createClient } from 'redis'

declare global {
  const body: Uint8Array
  const headers: Headers
  const secret: string
  const client: ReturnType<typeof createClient>
  const log: Record<'info' | 'warn' | 'error', (fields: object, message?: string) => void>
  const test: (name: string, run: () => Promise<void>) => void
}
