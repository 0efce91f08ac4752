export declare const bundlers: Record<
  string,
  (code: string, folder: string, conditions: readonly string[]) => Promise<string>
>
export declare function gzipped(text: string): number
