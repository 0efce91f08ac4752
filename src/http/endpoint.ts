/** The path of a URL or path as one name for every spelling that a router may let through: to a replay it must not look new. */
export function plainPath(url: string): string {
  return url
    .replace(/^\w+:\/\/[^/?#]*|[?#].*/g, '')
    .replace(/%(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\/+(?=\/|$)/g, '')
    .toLowerCase()
}
