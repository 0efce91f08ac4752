/** Calls an observer. If the observer fails, its error is printed and the verdict stays the same. */
export async function notify<E>(
  observer: ((event: E) => unknown) | undefined,
  event: E,
): Promise<void> {
  try {
    await observer?.(event)
  } catch (error) {
    console.error(`countersign: observer ${observer?.name || 'without a name'} failed`, error)
  }
}
