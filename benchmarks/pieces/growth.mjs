// How cost grows: with the body, with the number of keys, of candidate signatures, and of deliveries at once.
import { createVerifier } from 'countersign'
import { hashAlone } from '../baselines.mjs'
import { chart } from '../chart.mjs'
import { timed } from '../compare.mjs'
import { jsonBody, SECRET, signature, signedHeaders, WRONG_SECRETS } from '../delivery.mjs'
import { median } from '../statistics.mjs'

const SIZES = [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000]
const KEYS = [1, 2, 3, 4, 6, 8]
const CANDIDATES = [1, 2, 4, 8, 16]
const CONCURRENT = [1, 10, 100, 1_000]
const ROUNDS = 3

export const contestants = {}
for (const size of SIZES) {
  contestants[`verify ${size}`] = () => contestant({ size })
  contestants[`hash ${size}`] = () => {
    const hash = hashAlone(SECRET)
    const body = jsonBody(size)
    return { run: () => hash(body) }
  }
}
for (const keys of KEYS) contestants[`keys ${keys}`] = () => contestant({ keys })
for (const candidates of CANDIDATES) {
  contestants[`candidates ${candidates}`] = () => contestant({ candidates })
}
for (const concurrent of CONCURRENT) {
  contestants[`concurrent ${concurrent}`] = () => {
    const { run } = contestant({})
    const deliveries = Array.from({ length: concurrent })
    return { run: () => Promise.all(deliveries.map(run)), calls: concurrent }
  }
}

/** The right key and the right candidate are the last ones. */
function contestant({ size = 1024, keys = 1, candidates = 1 }) {
  const secret = [...WRONG_SECRETS.slice(0, keys - 1), SECRET]
  const verify = createVerifier({ secret, parse: 'none' })
  const body = jsonBody(size)
  const headers = signedHeaders(body)
  const wrong = Array.from({ length: candidates - 1 }, (_, index) =>
    signature(SECRET, `msg_${index}`, '1700000000', body),
  )
  headers['webhook-signature'] = [...wrong, headers['webhook-signature']].join(' ')
  return { run: () => verify(body, headers) }
}

async function line(name, values, toY) {
  const points = []
  for (const value of values) {
    const rounds = []
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push(await timed('growth', `${name} ${value}`)())
    }
    points.push([value, toY(median(rounds), value)])
  }
  return points
}

const megabytesPerSecond = (nanoseconds, size) => (size / nanoseconds) * 1000
const microseconds = (nanoseconds) => nanoseconds / 1000

export async function run() {
  const size = chart({
    title: 'Throughput by body size',
    xLabel: 'body, bytes',
    yLabel: 'MB/s',
    xText: (bytes) => bytes.toLocaleString('en-US'),
    series: {
      'HMAC-SHA256 alone': await line('hash', SIZES, megabytesPerSecond),
      verify: await line('verify', SIZES, megabytesPerSecond),
    },
  })
  const time = async (title, xLabel, name, values) =>
    chart({
      title,
      xLabel,
      yLabel: 'µs per delivery',
      series: { 'verify, 1 KiB': await line(name, values, microseconds) },
    })
  return {
    charts: [
      { title: 'Throughput by body size', file: 'body-size.svg', svg: size },
      {
        title: 'Time by number of keys',
        file: 'keys.svg',
        svg: await time('Time by number of keys (the last one is right)', 'keys', 'keys', KEYS),
      },
      {
        title: 'Time by number of candidates',
        file: 'candidates.svg',
        svg: await time(
          'Time by number of signatures in the header (the last one is right)',
          'signatures',
          'candidates',
          CANDIDATES,
        ),
      },
      {
        title: 'Time by deliveries at once',
        file: 'concurrent.svg',
        svg: await time(
          'Time by number of deliveries at once',
          'deliveries at once',
          'concurrent',
          CONCURRENT,
        ),
      },
    ],
  }
}
