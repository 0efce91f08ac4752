/** The bytes of a delivery as they arrived. A `Buffer` is a `Uint8Array`; a string is taken as UTF-8. */
export type WebhookBody = string | Uint8Array | ArrayBuffer

/** Header containers that can be read, told apart by shape: a record in any case, `Headers`, `Map` or anything with `get(name)`, `[name, value]` pairs, Node's flat `rawHeaders`. */
export type HeadersInput =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | { get(name: string): string | readonly string[] | null | undefined }
  | Iterable<readonly [string, string]>
  | readonly string[]

/** A delivery that was refused, as it was handed in. `diagnose({ ...error.delivery, secret })` says why. */
export interface RefusedDelivery {
  readonly headers: HeadersInput
  /** `undefined` if the delivery was refused before its body was read. */
  readonly body: WebhookBody | undefined
}
