// A program that forgets to close its account. It ends by itself with 0, or with 9 if something still keeps it alive.
import { Agent, get } from 'node:http'
import { fakeAccount } from 'countersign/testing'

const { baseUrl, token } = await fakeAccount()
const headers = { authorization: `Bearer ${token}` }
const fetched = await fetch(`${baseUrl}/v1/account`, { headers })
await fetched.text()
// A connection that stays open for a next call.
const agent = new Agent({ keepAlive: true })
const status = await new Promise((resolve) => {
  get(`${baseUrl}/v1/account`, { agent, headers }, (response) => {
    response.resume().on('end', () => resolve(response.statusCode))
  })
})
console.log(fetched.status, status)
setTimeout(() => process.exit(9), 2000).unref()
