import { useLayoutEffect, useRef, useState } from 'preact/hooks'

/** Where a scrolled element stands, and how large it is. */
export function useView() {
  const element = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, height: 600, width: 600 })
  useLayoutEffect(() => {
    const target = element.current
    if (!target) return
    const read = (): void => {
      const { scrollTop: top, clientHeight: height, clientWidth: width } = target
      setView((old) =>
        old.top === top && old.height === height && old.width === width
          ? old
          : { top, height, width },
      )
    }
    read()
    const observer = new ResizeObserver(read)
    observer.observe(target)
    target.addEventListener('scroll', read, { passive: true })
    return () => {
      observer.disconnect()
      target.removeEventListener('scroll', read)
    }
  }, [])
  return { element, view }
}
