/** What the command line touches. Tests hand in one of their own. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Reads a file; `-` is standard input. */
  readFile(path: string): Promise<Uint8Array>
  print(text: string): void
  printError(text: string): void
  /** May standard output be coloured? */
  readonly isColourful: boolean
  /** Replaces the last line on the terminal, an empty text clears it. Missing if standard error is not a terminal. */
  readonly progress?: ((text: string) => void) | undefined
  /** Asks a question. Missing if nobody is there to answer. */
  readonly ask?: ((question: string) => Promise<string>) | undefined
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** The version of this package. */
  version(): Promise<string>
  /** The live page, built to one file. */
  page(): Promise<string>
  /** Opens an address in the browser. */
  open(url: string): void
}

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const

export type Style = keyof typeof STYLES

/** Colours a text if the terminal shows colours. */
export function paint({ isColourful }: Terminal, style: Style, text: string): string {
  return isColourful ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text
}
