import { useEffect, useMemo, useState } from 'preact/hooks'
import type { DetailedDelivery as Detail, ListedDelivery } from '../listener/listed-delivery.js'
import { Actions } from './actions.js'
import { BodyView } from './body-view.js'
import { fetchBody, fetchDetail } from './connection.js'
import { useView } from './use-view.js'
import {
  forwardText,
  headerText,
  sentence,
  shown,
  signedText,
  sizeText,
  verdictText,
} from './words.js'

interface Props {
  readonly listed: ListedDelivery
  readonly onBack: () => void
}

/** Everything about one delivery. */
export function DeliveryDetail({ listed, onBack }: Props) {
  const { element, view } = useView()
  const { number, verdict, type, status } = listed
  const [detail, setDetail] = useState<Detail>()
  const [bytes, setBytes] = useState<Uint8Array>()
  const answer = useMemo(() => new TextEncoder().encode(detail?.answer?.body ?? ''), [detail])
  const [problem, setProblem] = useState('')

  // Once more when the application has answered.
  useEffect(() => {
    let isCurrent = true
    const fail = (error: Error): void => setProblem(error.message)
    fetchDetail(number).then((read) => isCurrent && setDetail(read), fail)
    return () => {
      isCurrent = false
    }
  }, [number, status])
  useEffect(() => {
    let isCurrent = true
    fetchBody(number).then(
      (read) => isCurrent && setBytes(read),
      () => {},
    )
    return () => {
      isCurrent = false
    }
  }, [number])

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="detail" ref={element} aria-label="Selected delivery" tabIndex={0}>
      <button type="button" class="back" onClick={onBack}>
        ← All deliveries
      </button>
      <div class="headline">
        <h2 id="detail-title" tabIndex={-1}>
          {shown(type, 'no type')}
        </h2>
        <span class={`badge ${verdict === 'accepted' ? 'good' : 'bad'}`}>
          {verdictText(listed)}
        </span>
      </div>
      <p class="said">{sentence(listed)}</p>
      {problem && <p class="said bad">{problem}</p>}
      {detail && <Actions detail={detail} bytes={bytes} />}
      {detail && <Findings detail={detail} />}
      <Facts listed={listed} />
      <section aria-label="Body">
        <h3>Body</h3>
        {detail?.hasBody === false ? (
          <p class="quiet">
            The bytes are not kept: the body was too large, or it came too long ago.
          </p>
        ) : (
          bytes && <BodyView name="body" bytes={bytes} width={view.width} />
        )}
      </section>
      {detail && <Headers title="Headers" lines={detail.headers} />}
      {detail?.answer && (
        <>
          <Headers title="Answer of the application" lines={detail.answer.headers} />
          <section aria-label="Body of the answer">
            <BodyView name="answer" bytes={answer} width={view.width} />
          </section>
        </>
      )}
    </section>
  )
}

function Findings({ detail: { findings } }: { readonly detail: Detail }) {
  if (findings.length === 0) return null
  return (
    <section aria-label="Why it does not verify">
      <h3>Why it does not verify</h3>
      <ol class="findings">
        {findings.map(({ code, confidence, explanation, fix }) => (
          <li key={code}>
            <b>{code}</b> <span class="quiet">{confidence}</span>
            <p>{shown(explanation, '')}</p>
            <p>
              <strong>Fix:</strong> {shown(fix, '')}
            </p>
          </li>
        ))}
      </ol>
    </section>
  )
}

function Facts({ listed }: { readonly listed: ListedDelivery }) {
  const { number, id, method, url, receivedAt, age, size, keyId, status, forwarded, repeats } =
    listed
  const facts: [string, string][] = [
    ['webhook-id', shown(id, 'none')],
    ['Request', `${method} ${shown(url, '/')}`],
    ['Arrived', `${new Date(receivedAt).toLocaleTimeString()} (#${number})`],
    ['Signed', signedText(age)],
    ['Size', sizeText(size)],
    ['Key', keyId ?? 'none matched'],
    ['Answered', status === 0 ? 'not yet' : String(status)],
    [
      'Application',
      forwarded?.failure === undefined ? forwardText(forwarded) : shown(forwarded.failure, ''),
    ],
  ]
  if (repeats !== undefined) facts.push(['Repeats', `#${repeats}`])
  return (
    <section aria-label="Facts">
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

interface HeadersProps {
  readonly title: string
  readonly lines: readonly (readonly [string, string])[]
}

function Headers({ title, lines }: HeadersProps) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <table class="table">
        <tbody>
          {lines.map(([name, value], i) => (
            // Two lines may be the same, and they never move.
            <tr key={i}>
              <th scope="row">{headerText(name)}</th>
              <td>{headerText(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
