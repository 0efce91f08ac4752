import { useLayoutEffect, useRef } from 'preact/hooks'
import type { ListedDelivery } from '../listener/listed-delivery.js'
import { useView } from './use-view.js'
import { visibleRows } from './window.js'
import { ageText, forwardText, shown, sizeText, verdictText } from './words.js'

const HEIGHT = 60

interface Props {
  readonly deliveries: readonly ListedDelivery[]
  readonly selected: number | undefined
  readonly now: number
  readonly onSelect: (number: number) => void
  /** Enter: look at it. */
  readonly onOpen: () => void
}

/** Every delivery as a row, newest first; only the visible rows are in the page. */
export function DeliveryList({ deliveries, selected, now, onSelect, onOpen }: Props) {
  const { element, view } = useView()
  const newest = useRef(deliveries[0]?.number ?? 0)
  const { first, end } = visibleRows(view, HEIGHT, deliveries.length)

  // What the reader looks at stays where it is while new ones arrive above it.
  useLayoutEffect(() => {
    const added = deliveries.findIndex(({ number }) => number <= newest.current)
    newest.current = deliveries[0]?.number ?? 0
    const list = element.current
    if (list && list.scrollTop > 0 && added > 0) list.scrollTop += added * HEIGHT
  }, [deliveries, element])

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'Enter') onOpen()
    const index = deliveries.findIndex(({ number }) => number === selected)
    const next = targetOf(event.key, index, deliveries.length)
    const delivery = next === undefined ? undefined : deliveries[next]
    if (next === undefined || !delivery) return
    event.preventDefault()
    onSelect(delivery.number)
    scrollTo(element.current, next)
  }

  const rows = deliveries.slice(first, end)
  return (
    <div
      class="list"
      ref={element}
      role="listbox"
      aria-label="Deliveries, newest first"
      aria-activedescendant={
        rows.some(({ number }) => number === selected) ? `row-${selected}` : undefined
      }
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" style={{ height: `${deliveries.length * HEIGHT}px` }}>
        {rows.map((delivery, i) => (
          <Row
            key={delivery.number}
            delivery={delivery}
            index={first + i}
            count={deliveries.length}
            isSelected={delivery.number === selected}
            now={now}
            onSelect={onSelect}
          />
        ))}
      </div>
    </div>
  )
}

function targetOf(key: string, index: number, count: number): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: index + 1,
    ArrowUp: Math.max(0, index - 1),
    PageDown: Math.min(count - 1, index + 8),
    PageUp: Math.max(0, index - 8),
    Home: 0,
    End: count - 1,
  }
  return steps[key]
}

function scrollTo(list: HTMLElement | null, index: number): void {
  if (!list) return
  const top = index * HEIGHT
  if (top < list.scrollTop) list.scrollTop = top
  const bottom = top + HEIGHT - list.clientHeight
  if (bottom > list.scrollTop) list.scrollTop = bottom
}

interface RowProps {
  readonly delivery: ListedDelivery
  readonly index: number
  readonly count: number
  readonly isSelected: boolean
  readonly now: number
  readonly onSelect: (number: number) => void
}

function Row({ delivery, index, count, isSelected, now, onSelect }: RowProps) {
  const { number, receivedAt, verdict, type, id, size, forwarded, status, repeats } = delivery
  const answer = forwarded ? `→ ${forwardText(forwarded)}` : status === 0 ? '→ waiting' : ''
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list around it takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the list around it has the focus
    <div
      class="row"
      id={`row-${number}`}
      role="option"
      aria-selected={isSelected}
      aria-posinset={index + 1}
      aria-setsize={count}
      style={{ top: `${index * HEIGHT}px` }}
      onClick={() => onSelect(number)}
    >
      <span class="type">
        {shown(type, 'no type')} <span class="quiet mono">{shown(id, 'no id')}</span>
      </span>
      <span class="quiet">{ageText(receivedAt, now)}</span>
      <span class={`verdict ${verdict === 'accepted' ? 'good' : 'bad'}`}>
        {verdictText(delivery)}
      </span>
      <span class="quiet">
        {[repeats === undefined ? '' : `repeats #${repeats}`, sizeText(size), answer]
          .filter(Boolean)
          .join('  ')}
      </span>
    </div>
  )
}
