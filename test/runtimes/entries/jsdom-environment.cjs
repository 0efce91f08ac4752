// jsdom for Jest as server code needs it: with Node's fetch, streams and text encoders, and with its WebCrypto.
const { webcrypto } = require('node:crypto')
const FixedJsdom = require('jest-fixed-jsdom')

module.exports = class extends FixedJsdom {
  constructor(...args) {
    super(...args)
    Object.defineProperty(this.global, 'crypto', { value: webcrypto })
  }
}
