import * as web from '../../../src/crypto/web.js'
import { describeBackend } from '../../support/crypto-backend.js'

describeBackend('web', web)
