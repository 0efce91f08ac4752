import { expect, it } from '@jest/globals'
import { createVerifier, type RotatingSecret, rotatingSecret, WebhookError } from 'countersign'
import { createSigner, generateSecret, type SignedHeaders } from 'countersign/sign'
import { createVirtualTime } from '../../support/virtual-time.js'

interface Tenant {
  secret: string
  calls: number
  readonly source: RotatingSecret
}

async function createTenants(count: number) {
  const time = createVirtualTime()
  const tenants = new Map<string, Tenant>()
  for (let number = 0; number < count; number += 1) {
    const tenant: Tenant = {
      secret: generateSecret(),
      calls: 0,
      source: rotatingSecret({
        now: time.now,
        setTimeout: time.setTimeout,
        clearTimeout: time.clearTimeout,
        fetch: () => {
          tenant.calls += 1
          return tenant.secret
        },
      }),
    }
    tenants.set(`tenant-${number}`, tenant)
  }
  const verify = createVerifier({
    secret: ({ request }: { request?: unknown }) => {
      if (request === 'unknown') throw new WebhookError('signature_mismatch')
      return tenants.get(String(request))?.source
    },
    now: time.now,
  })
  const sign = (secret: string) => createSigner({ secret, now: time.now })('{}')
  async function deliver(name: string, secret: string): Promise<string> {
    return deliverSigned(name, await sign(secret))
  }
  async function deliverSigned(name: string, headers: SignedHeaders): Promise<string> {
    const verdict = await verify.check('{}', headers, { request: name })
    return verdict.ok ? 'accepted' : verdict.error.code
  }
  await time.pass(2)
  return { time, tenants, sign, deliver, deliverSigned }
}

it('a thousand tenants each have a pause of their own, and none can starve another', async () => {
  const { tenants, sign, deliver, deliverSigned } = await createTenants(1000)
  const names = [...tenants.keys()]
  const attacked = names.slice(0, 999)
  const forged = await sign(generateSecret())
  await Promise.all(
    attacked.flatMap((name) => [name, name, name]).map((name) => deliverSigned(name, forged)),
  )
  for (const tenant of tenants.values()) expect(tenant.calls).toBeLessThanOrEqual(2)
  const [victim = ''] = names.slice(-1)
  const tenant = tenants.get(victim)
  if (tenant) tenant.secret = generateSecret()
  expect(await deliver(victim, tenant?.secret ?? '')).toBe('accepted')
  const all = [...tenants].slice(0, 50)
  expect(
    new Set(await Promise.all(all.map(([name, { secret }]) => deliver(name, secret)))),
  ).toEqual(new Set(['accepted']))
})

it('one tenant’s key does not verify for another', async () => {
  const { tenants, deliver } = await createTenants(2)
  expect(await deliver('tenant-0', tenants.get('tenant-1')?.secret ?? '')).toBe(
    'signature_mismatch',
  )
})

it('the user decides about a tenant that cannot be found', async () => {
  const { deliver } = await createTenants(1)
  expect(await deliver('nobody', generateSecret())).toBe('secret_unavailable')
  expect(await deliver('unknown', generateSecret())).toBe('signature_mismatch')
})
