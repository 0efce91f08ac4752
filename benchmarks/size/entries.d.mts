/** Bytes, minified and gzipped. */
export declare const entries: Record<
  string,
  { readonly code: string; readonly goal?: number; readonly ceiling?: number }
>
