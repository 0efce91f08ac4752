/** A class, because each object literal with a getter gets its own hidden class, and only a full garbage collection frees it. */
class EventWithContext<Context> {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  get context(): Context {
    return this.#context
  }
}

/** An event with its context. Not an own property, so no logger prints it. The request holds the signature, and the bindings may hold the secret. */
export function withContext<Event extends object, Context>(
  event: Event,
  context: Context,
): Event & { readonly context: Context } {
  return Object.assign(new EventWithContext(context), event)
}
