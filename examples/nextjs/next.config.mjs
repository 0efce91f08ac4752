export default {
  // The workspace around this example has a lockfile of its own.
  outputFileTracingRoot: import.meta.dirname,
  eslint: { ignoreDuringBuilds: true },
}
