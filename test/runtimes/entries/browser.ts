import { library } from '../../conformance/package.js'
import { runConformance } from '../../conformance/suite.js'

// The page's own server stands in for the account API, so that no cross-origin rule is in the way.
const account = { baseUrl: location.origin, token: new URL(location.href).hash.slice(1) }
const report = await runConformance(library, account)
await fetch('/report', { method: 'POST', body: JSON.stringify(report) })
