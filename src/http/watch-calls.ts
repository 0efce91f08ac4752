/** Calls `called` after each call of a method. Returns a function that puts the method back. */
export function watchCalls<Name extends string>(
  object: { [K in Name]: (...args: never[]) => unknown },
  name: Name,
  called: () => unknown,
): () => void {
  const method = object[name]
  object[name] = function (...args) {
    const result = method.apply(this, args)
    called()
    return result
  }
  return () => {
    object[name] = method
  }
}
