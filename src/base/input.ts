/** The bytes of a delivery as they arrived. A `Buffer` is a `Uint8Array`; a string counts as its UTF-8 bytes. */
export type WebhookBody = string | Uint8Array | ArrayBuffer

/** Headers in any common form, recognized by shape: a record with names in any case, `Headers`, a `Map` or anything with `get(name)`, `[name, value]` pairs, or Node's flat `rawHeaders`. */
export type HeadersInput =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | { get(name: string): string | readonly string[] | null | undefined }
  | Iterable<readonly [string, string]>
  // An iterable of pairs as well; TypeScript before 5.5 reads a literal of pairs only with this member.
  | readonly (readonly [string, string])[]
  | readonly string[]

/** A refused delivery as it arrived. `diagnose({ ...error.delivery, secret })` says why it was refused. */
export interface RefusedDelivery {
  readonly headers: HeadersInput
  /** `undefined` if the delivery was refused before its body was read. */
  readonly body: WebhookBody | undefined
}
