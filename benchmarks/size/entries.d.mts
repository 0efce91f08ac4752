/** Ceilings in bytes, minified and gzipped. */
export declare const entries: Record<string, { readonly code: string; readonly ceiling?: number }>
