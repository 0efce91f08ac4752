/** On Workers a promise belongs to the request that made it: another one that waits for it hangs. */
export const sharesPromises: boolean = false
