import { useView } from './use-view.js'
import { visibleRows } from './window.js'

const HEIGHT = 20

interface Props {
  readonly label: string
  readonly count: number
  readonly lineAt: (index: number) => string
}

/** Text of any length, of which only the visible lines are in the page. */
export function VirtualLines({ label, count, lineAt }: Props) {
  const { element, view } = useView()
  const { first, end } = visibleRows(view, HEIGHT, count)
  const lines = Array.from({ length: Math.max(0, end - first) }, (_, i) => lineAt(first + i))
  return (
    <section
      class="lines"
      ref={element}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      style={{ height: `${Math.min(count * HEIGHT + 16, 420)}px` }}
    >
      <div style={{ height: `${count * HEIGHT + 14}px` }} />
      <pre style={{ top: `${first * HEIGHT + 7}px` }}>{lines.join('\n')}</pre>
    </section>
  )
}
