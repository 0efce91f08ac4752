// The built package. (By its path: the folder above has a package.json of its own, with a packed copy that is heavy to install.)
export { verifyWebhook } from '../../dist/esm/adapters/express.js'
export { accountSecret } from '../../dist/esm/src/account/index.js'
export { createSigner, generateSecret } from '../../dist/esm/src/sign.js'
