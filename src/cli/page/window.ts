/** Which of many rows of one height are to be drawn. */
export interface Window {
  readonly first: number
  /** Behind the last one. */
  readonly end: number
}

const MARGIN = 8

export function visibleRows(
  { top, height }: { readonly top: number; readonly height: number },
  rowHeight: number,
  count: number,
): Window {
  const first = Math.max(0, Math.floor(top / rowHeight) - MARGIN)
  const end = Math.min(count, Math.ceil((top + height) / rowHeight) + MARGIN)
  return { first: Math.min(first, count), end }
}
