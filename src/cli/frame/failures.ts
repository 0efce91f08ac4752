import { printable } from '../../base/printable.js'

const FILES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
  EACCES: 'you may not read or write it',
  EPERM: 'you may not read or write it',
  EROFS: 'it is on a read-only disk',
  ENOSPC: 'the disk is full',
}

/** One line about a failure, without a stack. */
export function describeFailure(error: unknown): string {
  const { code, path, message } = Object(error)
  if (FILES[code] !== undefined && typeof path === 'string') return describeFile(path, error)
  return printable(typeof message === 'string' && message !== '' ? message : String(error))
}

/** The same, for a file whose path the error may not hold. */
export function describeFile(path: string, error: unknown): string {
  const { code, message } = Object(error)
  return printable(`${path === '-' ? 'standard input' : path}: ${FILES[code] ?? message}`)
}
