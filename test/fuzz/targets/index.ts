import type { Target } from '../target.js'
import { account } from './account.js'
import { adapters } from './adapters.js'
import { bodies } from './bodies.js'
import { captures } from './captures.js'
import { commandLine } from './command-line.js'
import { headers, signatures } from './deliveries.js'
import { diagnosis } from './diagnosis.js'
import { rawHttp } from './raw-http.js'
import { secrets } from './secrets.js'
import { snapshots } from './snapshots.js'
import { texts } from './texts.js'

export const TARGETS: readonly Target[] = [
  headers,
  signatures,
  secrets,
  bodies,
  texts,
  account,
  snapshots,
  captures,
  commandLine,
  diagnosis,
  adapters,
  rawHttp,
]
