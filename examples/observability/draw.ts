/** What Prometheus would have read after one step of the run. */
export interface Scrape {
  readonly label: string
  readonly text: string
}

type Series = ReadonlyMap<string, number>

const WIDTH = 420
const HEIGHT = 190
const COLOURS = ['#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b', '#e377c2']

const panels: readonly { title: string; of: (text: string) => Series }[] = [
  {
    title: 'Deliveries by outcome',
    of: (text) => sums(text, 'deliveries_total', 'countersign_outcome'),
  },
  { title: 'Refusals by code', of: (text) => sums(text, 'deliveries_total', 'error_type') },
  { title: 'Handlers by result', of: (text) => sums(text, 'claims_total', 'countersign_result') },
  {
    title: 'Refreshes by reason',
    of: (text) => sums(text, 'secret_refreshes_total', 'error_type', 'succeeded'),
  },
]

/** The panels of the dashboard as bars: what each step added, from one scrape to the next. */
export function draw(scrapes: readonly Scrape[]): string {
  const drawn = panels.map(({ title, of }, index) => {
    const series = scrapes.map(({ text }) => of(text))
    const x = (index % 2) * (WIDTH + 20) + 10
    const y = Math.floor(index / 2) * (HEIGHT + 80) + 10
    return `<g transform="translate(${x},${y})">${panel(title, series, scrapes)}</g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * WIDTH + 80} ${2 * HEIGHT + 160}" font-family="sans-serif" font-size="11">
<title>What each step of the run added</title>
<rect width="100%" height="100%" fill="#fff"/>
${drawn.join('\n')}
</svg>
`
}

function panel(title: string, series: readonly Series[], scrapes: readonly Scrape[]): string {
  const names = [...(series.at(-1)?.keys() ?? [])]
  const steps = series
    .slice(1)
    .map((now, step) => names.map((name) => (now.get(name) ?? 0) - (series[step]?.get(name) ?? 0)))
  const most = Math.max(1, ...steps.map((added) => added.reduce((sum, value) => sum + value, 0)))
  const width = WIDTH / steps.length
  const bars = steps.flatMap((added, step) => {
    let top = HEIGHT
    return added.map((value, index) => {
      const height = (value / most) * (HEIGHT - 40)
      top -= height
      return value
        ? `<rect x="${round(step * width + 4)}" y="${round(top)}" width="${round(width - 8)}" height="${round(height)}" fill="${colour(index)}"/>`
        : ''
    })
  })
  const labels = scrapes.slice(1).map(({ label }, step) => {
    const x = round((step + 0.5) * width)
    return `<text x="${x}" y="${HEIGHT + 12}" transform="rotate(20 ${x} ${HEIGHT + 12})" font-size="8">${label}</text>`
  })
  let x = 0
  const legend = names.map((name, index) => {
    const at = x
    x += 24 + name.length * 5
    return `<rect x="${at}" y="18" width="8" height="8" fill="${colour(index)}"/><text x="${at + 11}" y="26" font-size="9">${name}</text>`
  })
  return `<text x="0" y="10" font-weight="bold">${title}</text><text x="${WIDTH}" y="10" text-anchor="end" font-size="9">highest step: ${most}</text>
<line x1="0" y1="${HEIGHT}" x2="${WIDTH}" y2="${HEIGHT}" stroke="#999"/>${bars.join('')}${labels.join('')}${legend.join('')}`
}

/** The sums of one metric by one label; series without the label count under `rest`, or not at all. */
function sums(text: string, metric: string, label: string, rest?: string): Series {
  const found = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [, labels = '', value] = line.match(`^countersign_${metric}\\{([^}]*)\\} (\\S+)`) ?? []
    const name = labels.match(`${label}="([^"]*)"`)?.[1] ?? rest
    if (value !== undefined && name !== undefined)
      found.set(name, (found.get(name) ?? 0) + Number(value))
  }
  return found
}

function colour(index: number): string {
  return COLOURS[index % COLOURS.length] ?? '#000'
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
