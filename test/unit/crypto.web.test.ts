import * as web from '../../src/crypto.web.js'
import { describeBackend } from '../crypto-backend.js'

describeBackend('web', web)
