import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { connect, type Known } from './connection.js'
import { DeliveryDetail } from './delivery-detail.js'
import { DeliveryList } from './delivery-list.js'
import { filterDeliveries, type Kind } from './filter-deliveries.js'

const KINDS: readonly (readonly [Kind, string])[] = [
  ['all', 'All'],
  ['accepted', 'Accepted'],
  ['refused', 'Refused'],
]

/** The live page. */
export function App() {
  const [{ deliveries, isConnected }, setKnown] = useState<Known>({
    deliveries: [],
    isConnected: false,
  })
  const [text, setText] = useState('')
  const [kind, setKind] = useState<Kind>('all')
  const [chosen, setChosen] = useState<number>()
  const [isOpen, setOpen] = useState(false)
  const now = useNow()
  const search = useRef<HTMLInputElement>(null)

  useEffect(() => connect(setKnown), [])
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      const isTyping = event.target instanceof HTMLInputElement
      if (event.key === '/' && !isTyping) {
        event.preventDefault()
        search.current?.focus()
      }
      if (event.key === 'Escape') {
        setOpen(false)
        document.querySelector<HTMLElement>('.list')?.focus()
      }
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])

  const found = useMemo(
    () => filterDeliveries(deliveries, { text, kind }),
    [deliveries, text, kind],
  )
  const selected = deliveries.find(({ number }) => number === chosen)

  function open(number: number | undefined): void {
    setChosen(number)
    setOpen(true)
  }
  function lookAt(): void {
    open(chosen ?? found[0]?.number)
    // On a narrow screen it is drawn only now.
    requestAnimationFrame(() => document.getElementById('detail-title')?.focus())
  }
  return (
    <div class={`frame ${isOpen && selected ? 'open' : ''}`}>
      <header class="bar">
        <h1>
          countersign <span>listen</span>
        </h1>
        <span class={`state ${isConnected ? '' : 'lost'}`} role="status">
          {isConnected ? `live at ${location.host}` : 'not connected, trying again'}
        </span>
        <input
          ref={search}
          class="search"
          type="search"
          placeholder="Filter by type, id, code, path  ( / )"
          aria-label="Filter by type, id, code or path"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <fieldset class="kinds" aria-label="Verdict">
          {KINDS.map(([name, label]) => (
            <button
              key={name}
              type="button"
              aria-pressed={kind === name}
              onClick={() => setKind(name)}
            >
              {label}
              <small>{filterDeliveries(deliveries, { text: '', kind: name }).length}</small>
            </button>
          ))}
        </fieldset>
      </header>
      <main class="panes">
        <nav class="pane" aria-label="All deliveries">
          {found.length === 0 ? (
            <Empty isFiltered={deliveries.length > 0} />
          ) : (
            <DeliveryList
              deliveries={found}
              selected={chosen}
              now={now}
              onSelect={open}
              onOpen={lookAt}
            />
          )}
        </nav>
        {selected ? (
          <DeliveryDetail key={selected.number} listed={selected} onBack={() => setOpen(false)} />
        ) : (
          <section class="detail" aria-label="Selected delivery">
            <p class="empty">
              Select a delivery to see its headers, its body and why it was accepted or refused.
            </p>
          </section>
        )}
      </main>
    </div>
  )
}

function Empty({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) return <p class="empty">No delivery fits the filter.</p>
  return (
    <div class="empty">
      No delivery has arrived yet. Point a sender at this address, any path, or send one:
      <code>npx countersign send {location.origin}/webhooks</code>
    </div>
  )
}

/** The time, once a second. */
function useNow(): number {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}
