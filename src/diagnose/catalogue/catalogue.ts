import { BODY_CAUSES } from './body-causes.js'
import { HEADER_CAUSES } from './header-causes.js'
import { SECRET_CAUSES } from './secret-causes.js'

/** The explanation and the fix of every cause. `docs/troubleshooting.md` has the same texts. */
export const CATALOGUE = { ...BODY_CAUSES, ...SECRET_CAUSES, ...HEADER_CAUSES }

/** The causes that `diagnose` tells apart. */
export type Cause = keyof typeof CATALOGUE
