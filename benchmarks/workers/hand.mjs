// The same Worker, verified by hand.
import { workerByHand } from '../baselines.mjs'
import { SECRET } from '../secrets.mjs'

export default workerByHand(SECRET)
