import { useState } from 'preact/hooks'
import type { DetailedDelivery } from '../listener/listed-delivery.js'
import { captureUrl, resend } from './connection.js'
import { curlCommand } from './copy-curl.js'
import { jestTest } from './copy-test.js'

interface Props {
  readonly detail: DetailedDelivery
  readonly bytes: Uint8Array | undefined
}

/** What can be done with a delivery. */
export function Actions({ detail, bytes }: Props) {
  const [notice, setNotice] = useState('')
  const { number, hasBody, canSign } = detail
  const isReady = hasBody && bytes !== undefined

  async function act(run: () => Promise<void>, done: string): Promise<void> {
    setNotice('')
    try {
      await run()
      setNotice(done)
    } catch (error) {
      setNotice(`That did not work: ${error instanceof Error ? error.message : error}`)
    }
  }
  const copied = (): Parameters<typeof jestTest>[0] => ({
    ...detail,
    body: bytes ?? new Uint8Array(0),
  })
  const copy = (text: () => string, what: string) => () =>
    act(() => navigator.clipboard.writeText(text()), `Copied as ${what}.`)
  const refuse = hasBody ? 'one moment' : 'its body is not kept'

  return (
    <>
      <div class="actions">
        <Action
          isMain
          label="Replay"
          isOn={isReady}
          why={refuse}
          onClick={() => act(() => resend(number, 'replay'), 'Sent again: the same bytes.')}
        />
        <Action
          label="Send again, signed now"
          isOn={isReady && canSign}
          why={hasBody ? 'the key can only verify' : refuse}
          onClick={() => act(() => resend(number, 'sign'), 'Sent again with a new signature.')}
        />
        <Action
          label="Copy as curl"
          isOn={isReady}
          why={refuse}
          onClick={copy(() => curlCommand(copied(), location.origin), 'curl')}
        />
        <Action
          label="Copy as Jest test"
          isOn={isReady}
          why={refuse}
          onClick={copy(() => jestTest(copied()), 'a Jest test')}
        />
        {hasBody && (
          <a href={captureUrl(number)} download>
            Download capture
          </a>
        )}
      </div>
      <p class="notice" role="status">
        {notice}
      </p>
    </>
  )
}

interface ActionProps {
  readonly label: string
  readonly isOn: boolean
  /** Why it cannot be used now. */
  readonly why: string
  readonly isMain?: boolean
  readonly onClick: () => void
}

function Action({ label, isOn, why, isMain, onClick }: ActionProps) {
  return (
    <button
      type="button"
      class={isMain && isOn ? 'main' : ''}
      aria-disabled={!isOn}
      title={isOn ? undefined : `Not possible: ${why}`}
      onClick={() => isOn && onClick()}
    >
      {label}
    </button>
  )
}
