// Parts of the package that it does not export and that the vectors need. The runtimes' tests bundle this file into the unpacked package.
export { importMacKey, importPublicKey, mac, verifySignature } from '#crypto'
export { toKey } from '../../src/delivery/import-key.js'
export { parseSignatures } from '../../src/delivery/signature.js'
