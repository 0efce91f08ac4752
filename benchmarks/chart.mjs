// A small line chart as SVG: logarithmic x, linear y from zero (or logarithmic), one line per series.
const WIDTH = 560
const HEIGHT = 300
const LEFT = 64
const RIGHT = 16
// Behind the plot: half of the last label.
const MARGIN = 24
const TOP = 40
const BOTTOM = 48
const COLORS = ['#0b6bcb', '#c2410c', '#4d7c0f']

/** `series` is `{ name: [[x, y], …] }`; every x that occurs gets a label. */
export function chart({ title, xLabel, yLabel, series, xText = String }) {
  const points = Object.values(series).flat()
  const xs = [...new Set(points.map(([x]) => x))].sort((a, b) => a - b)
  const top = niceTop(Math.max(...points.map(([, y]) => y)))
  const span = Math.log(xs.at(-1) / xs[0]) || 1
  const x = (value) => LEFT + (Math.log(value / xs[0]) / span) * (WIDTH - LEFT - RIGHT)
  const y = (value) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH + MARGIN} ${HEIGHT}" width="${WIDTH + MARGIN}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="11" role="img" aria-label="${title}">`,
    `<rect width="${WIDTH + MARGIN}" height="${HEIGHT}" fill="#fff"/>`,
    text(LEFT, 16, title, 'font-size="13" font-weight="600"'),
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((part) => gridLine(y(top * part), top * part)),
    ...xs.map((value) =>
      text(x(value), HEIGHT - BOTTOM + 16, xText(value), 'text-anchor="middle"'),
    ),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, xLabel, 'text-anchor="middle"'),
    text(LEFT, 32, yLabel, 'fill="#555"'),
    ...Object.entries(series).flatMap(([name, line], index) => [
      polyline(line, x, y, COLORS[index]),
      text(WIDTH - RIGHT, TOP + 12 + 14 * index, name, `text-anchor="end" fill="${COLORS[index]}"`),
    ]),
    '</svg>',
    '',
  ].join('\n')
}

function niceTop(value) {
  const unit = 10 ** Math.floor(Math.log10(value))
  return [1, 1.5, 2, 3, 4, 5, 8, 10].map((step) => step * unit).find((top) => top >= value)
}

function gridLine(y, value) {
  return [
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}" stroke="#ddd"/>`,
    text(
      LEFT - 6,
      y + 4,
      Number(value.toPrecision(3)).toLocaleString('en-US'),
      'text-anchor="end"',
    ),
  ]
}

function polyline(line, x, y, color) {
  const points = line.map(([px, py]) => `${x(px).toFixed(1)},${y(py).toFixed(1)}`)
  const dots = points.map((point) => {
    const [cx, cy] = point.split(',')
    return `<circle cx="${cx}" cy="${cy}" r="2.5" fill="${color}"/>`
  })
  return `<polyline points="${points.join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>${dots.join('')}`
}

function text(x, y, content, attributes = '') {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${content}</text>`
}
