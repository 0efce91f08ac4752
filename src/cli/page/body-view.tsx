import { useEffect, useMemo, useState } from 'preact/hooks'
import { formatJson } from './format-json.js'
import { decodeBody, hexLine, textLines } from './lines.js'
import { VirtualLines } from './virtual-lines.js'

const VIEWS = ['Formatted', 'Raw', 'Hex'] as const
type View = (typeof VIEWS)[number]

/** Above this many bytes the page is drawn first, and the body after it. */
const LAZY = 65_536

const LABELS = { body: 'Body', answer: 'Body of the answer' } as const

interface Props {
  /** Tells the views of one page apart. */
  readonly name: 'body' | 'answer'
  readonly bytes: Uint8Array
  readonly width: number
}

/** The body as JSON with line breaks, as it was sent, or byte by byte. */
export function BodyView({ name: part, bytes, width }: Props) {
  const text = useMemo(() => decodeBody(bytes), [bytes])
  const [view, setView] = useState<View>(text === undefined ? 'Hex' : 'Formatted')
  const columns = Math.max(20, Math.floor((width - 42) / 7.6))
  if (bytes.length === 0) return <p class="quiet">The body is empty.</p>
  return (
    <>
      <div
        class="tabs"
        role="tablist"
        aria-label="View of the body"
        onKeyDown={(event) => moveTab(event, view, setView)}
      >
        {VIEWS.map((name) => (
          <button
            key={name}
            id={`${part}-${name}`}
            type="button"
            role="tab"
            aria-selected={view === name}
            aria-controls={`${part}-panel`}
            tabIndex={view === name ? 0 : -1}
            onClick={() => setView(name)}
          >
            {name}
          </button>
        ))}
      </div>
      <div id={`${part}-panel`} role="tabpanel" aria-labelledby={`${part}-${view}`}>
        {view === 'Hex' ? (
          <Hex label={LABELS[part]} bytes={bytes} columns={columns} />
        ) : (
          <Text
            label={LABELS[part]}
            text={text}
            bytes={bytes}
            columns={columns}
            isFormatted={view === 'Formatted'}
          />
        )}
      </div>
    </>
  )
}

function moveTab(event: KeyboardEvent, view: View, setView: (view: View) => void): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  if (step === undefined) return
  event.preventDefault()
  const next = VIEWS[(VIEWS.indexOf(view) + step + VIEWS.length) % VIEWS.length] ?? view
  setView(next)
  const tabs = event.currentTarget as HTMLElement
  tabs.querySelectorAll<HTMLElement>('[role=tab]')[VIEWS.indexOf(next)]?.focus()
}

interface HexProps {
  readonly label: string
  readonly bytes: Uint8Array
  readonly columns: number
}

function Hex({ label, bytes, columns }: HexProps) {
  const width = columns < 76 ? 8 : 16
  return (
    <VirtualLines
      label={`${label}, byte by byte`}
      count={Math.ceil(bytes.length / width)}
      lineAt={(row) => hexLine(bytes, row, width)}
    />
  )
}

interface TextProps {
  readonly label: string
  readonly text: string | undefined
  readonly bytes: Uint8Array
  readonly columns: number
  readonly isFormatted: boolean
}

function Text({ label, text, bytes, columns, isFormatted }: TextProps) {
  const [lines, setLines] = useState<readonly string[]>()
  const [note, setNote] = useState('')
  useEffect(() => {
    function draw(): void {
      const whole = text ?? new TextDecoder().decode(bytes)
      const formatted = isFormatted ? formatJson(whole) : whole
      setNote(noteOf(text, isFormatted && formatted === undefined))
      setLines(textLines(formatted ?? whole, columns))
    }
    if (bytes.length <= LAZY) return draw()
    const timer = setTimeout(draw)
    return () => clearTimeout(timer)
  }, [text, bytes, columns, isFormatted])
  if (!lines) return <p class="quiet">Formatting {bytes.length.toLocaleString('en')} bytes …</p>
  return (
    <>
      {note && <p class="quiet">{note}</p>}
      <VirtualLines
        label={`${label}, as text`}
        count={lines.length}
        lineAt={(i) => lines[i] ?? ''}
      />
    </>
  )
}

function noteOf(text: string | undefined, isNoJson: boolean): string {
  if (text === undefined)
    return 'These bytes are not text; what cannot be decoded is replaced here. See Hex.'
  return isNoJson ? 'The body is not JSON, so it is shown as it was sent.' : ''
}
