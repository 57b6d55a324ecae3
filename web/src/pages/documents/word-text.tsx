import { type KeyboardEvent, memo, useEffect, useMemo, useRef } from 'react'
import type { Word } from '../../api/documents.ts'
import { formatShare } from '../../format/numbers.ts'
import { useLanguage } from '../../texts/language.ts'
import { t } from '../../texts/translate.ts'
import { classes } from '../../ui/classes.ts'
import { certaintyOf } from './confidence.ts'

/** Certainty is told by the kind of underline as well as by colour. */
const underlines = {
  high: '',
  middle: 'underline decoration-energy decoration-dotted decoration-2 underline-offset-4',
  low: 'underline decoration-bad decoration-wavy decoration-1 underline-offset-4 bg-bad-soft',
} as const

/**
 * The words in reading order, line by line as on the page. One stop of the tab key; the arrow keys
 * go from word to word.
 */
export const WordText = memo(function WordText({
  words,
  selected,
  onSelect,
}: {
  words: Word[]
  selected: number | null
  onSelect: (index: number | null) => void
}) {
  const paragraphs = useMemo(() => groupWords(words), [words])
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const frame = box.current
    const element = frame?.querySelector<HTMLElement>(`[data-word="${selected}"]`)
    if (!frame || !element) return
    // Only this frame scrolls: the page would take the image from under the pointer.
    const place = element.getBoundingClientRect()
    const seen = frame.getBoundingClientRect()
    if (place.top < seen.top || place.bottom > seen.bottom) {
      frame.scrollBy({ top: place.top - seen.top - frame.clientHeight / 2, behavior: 'smooth' })
    }
    if (frame.contains(document.activeElement)) element.focus({ preventScroll: true })
  }, [selected])

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    onSelect(Math.min(words.length - 1, Math.max(0, (selected ?? -1) + step)))
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys move among the words inside
    <div
      ref={box}
      onKeyDown={onKeyDown}
      className="-mx-4 -mb-4 space-y-3 overflow-y-auto px-4 pb-4 text-base leading-7 lg:max-h-[max(24rem,calc(100dvh-22rem))]"
    >
      {paragraphs.map((lines) => (
        <p key={lines[0]![0]}>
          {lines.map((line) => (
            <span key={line[0]} className="block">
              {line.map((index) => (
                <WordSpan
                  key={index}
                  index={index}
                  word={words[index]!}
                  selected={index === selected}
                  tabStop={index === (selected ?? 0)}
                  onSelect={onSelect}
                />
              ))}
            </span>
          ))}
        </p>
      ))}
    </div>
  )
})

const WordSpan = memo(function WordSpan({
  index,
  word,
  selected,
  tabStop,
  onSelect,
}: {
  index: number
  word: Word
  selected: boolean
  tabStop: boolean
  onSelect: (index: number | null) => void
}) {
  useLanguage()
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements lint/a11y/useKeyWithClickEvents: words must flow and break like text, and focus selects like a click */}
      <span
        role="button"
        data-word={index}
        tabIndex={tabStop ? 0 : -1}
        aria-pressed={selected}
        title={t('{share} sure', { share: formatShare(word.confidence) })}
        onPointerEnter={(event) => event.pointerType === 'mouse' && onSelect(index)}
        onFocus={() => onSelect(index)}
        onClick={() => onSelect(index)}
        className={classes(
          'rounded-xs scroll-my-24 outline-offset-1',
          underlines[certaintyOf(word.confidence)],
          selected && 'bg-accent-soft text-accent ring-2 ring-accent/50',
        )}
      >
        {word.text}
      </span>{' '}
    </>
  )
})

/** Word indexes by paragraph and line, in the order the words come. */
function groupWords(words: Word[]): number[][][] {
  const paragraphs: number[][][] = []
  words.forEach((word, index) => {
    const last = words[index - 1]
    if (!last || last.paragraph !== word.paragraph) paragraphs.push([])
    const lines = paragraphs.at(-1)!
    if (lines.length === 0 || last?.line !== word.line) lines.push([])
    lines.at(-1)!.push(index)
  })
  return paragraphs
}
