import { startDemo } from './app.js'
import { authentic, hostile, type Outgoing } from './sender.js'

/** Keeps the app up and prints what to try. */
export async function serve(): Promise<void> {
  const demo = await startDemo(Number(process.env.PORT ?? 0))
  const { account, url } = demo
  const good = await authentic('authentic', account.secret)
  const [tampered, wrongSecret, stale] = await hostile(account.secret)

  console.log(`The app listens at ${url} and reads its secret from ${account.baseUrl}.\n`)
  console.log('Authentic (good for five minutes from now):')
  console.log(curl(url, good))
  console.log('\nTo be refused (503: the key may have changed a moment ago, so come again):')
  for (const forged of [tampered, wrongSecret, stale]) {
    if (forged) console.log(`\n# ${forged.name}\n${curl(url, forged)}`)
  }
  console.log('\nRotate the key; the authentic delivery above goes on verifying for the overlap:')
  console.log(
    `curl -X POST -H 'authorization: Bearer ${account.token}' ${account.baseUrl}/v1/account:rotateWebhookSigningKey`,
  )
  console.log('\nCtrl-C ends it.')
  process.once('SIGINT', () => demo.close())
}

function curl(url: string, { headers, body }: Outgoing): string {
  const lines = Object.entries(headers).map(([name, value]) => `  -H '${name}: ${value}' \\`)
  return [`curl -i ${url} \\`, ...lines, `  --data-raw '${Buffer.from(body)}'`].join('\n')
}
