import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CapturedRequest, printCapture } from '../capture/capture-file.js'
import { describeFile } from '../frame/failures.js'

/** Writes a capture file per delivery into a folder, which is made if it is not there. */
export type Save = (
  number: number,
  id: string | undefined,
  captured: CapturedRequest,
) => Promise<void>

export async function createSave(folder: string): Promise<Save> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    throw new TypeError(`--save cannot use ${describeFile(folder, error)}`, { cause: error })
  }
  return async function save(number, id, captured) {
    await writeFile(
      join(folder, captureName(number, id, captured.receivedAt)),
      printCapture(captured),
      {
        flag: 'wx',
      },
    )
  }
}

/** Sorts by time. The id is a stranger's, so only letters and digits of it count. */
export function captureName(number: number, id = '', receivedAt = new Date()): string {
  const time = receivedAt.toISOString().replace(/[:.]/g, '-')
  const safe = id.replace(/[^\w-]+/g, '_').slice(0, 60)
  return [time, String(number).padStart(6, '0'), safe].filter(Boolean).join('-').concat('.json')
}
