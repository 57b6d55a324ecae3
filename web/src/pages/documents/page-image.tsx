import { memo, useEffect, useRef, useState } from 'react'
import { type DocumentPage, pageImagePath } from '../../api/documents.ts'
import { formatShare } from '../../format/numbers.ts'
import { t } from '../../texts/translate.ts'
import { IconButton } from '../../ui/button.tsx'
import { classes } from '../../ui/classes.ts'
import { certaintyOf } from './confidence.ts'

const boxColors = {
  high: 'fill-transparent stroke-transparent hover:fill-accent/15 hover:stroke-accent',
  middle: 'fill-energy/15 stroke-energy/60 hover:fill-energy/30',
  low: 'fill-bad/20 stroke-bad/80 hover:fill-bad/35',
} as const

const zooms = [1, 1.5, 2, 3]

/** The scanned page with a box over each word. The boxes are for the pointer; keys work in the text. */
export function PageImage({
  id,
  page,
  selected,
  onSelect,
}: {
  id: string
  page: DocumentPage
  selected: number | null
  onSelect: (index: number | null) => void
}) {
  const [zoom, setZoom] = useState(1)
  const frame = useRef<HTMLElement>(null)
  useScrollToWord(frame, page, selected, zoom)
  const word = selected === null ? undefined : page.words[selected]
  const step = (by: number) => setZoom((now) => zooms[zooms.indexOf(now) + by] ?? now)
  return (
    <>
      <section
        ref={frame}
        aria-label={t('Page image')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keyboard too
        tabIndex={0}
        className="max-h-[60vh] overflow-auto border-t bg-sunken outline-offset-[-2px] lg:max-h-[calc(100dvh-8rem)]"
      >
        <div
          className="relative"
          style={{ width: `${zoom * 100}%`, aspectRatio: `${page.width} / ${page.height}` }}
        >
          <img
            src={pageImagePath(id, page.index)}
            alt={t('Scan of page {page}; its words are in the text beside it', {
              page: page.index + 1,
            })}
            className="absolute inset-0 size-full bg-[white]"
          />
          <WordBoxes page={page} selected={selected} onSelect={onSelect} />
        </div>
      </section>
      <footer className="flex min-h-10 items-center gap-2 border-t px-3 py-1 text-xs text-ink-2">
        <p aria-live="polite" className="min-w-0 flex-1 truncate">
          {word ? (
            <>
              <span className="font-medium text-ink">{word.text}</span>{' '}
              <span className="tabular">
                {t('{share} sure', { share: formatShare(word.confidence) })}
              </span>
            </>
          ) : (
            t('Point at a word to find it in the text.')
          )}
        </p>
        <IconButton
          size="small"
          icon="minus"
          label={t('Smaller')}
          disabled={zoom === zooms[0]}
          onClick={() => step(-1)}
        />
        <span className="tabular w-10 text-center">{zoom * 100} %</span>
        <IconButton
          size="small"
          icon="plus"
          label={t('Larger')}
          disabled={zoom === zooms.at(-1)}
          onClick={() => step(1)}
        />
      </footer>
    </>
  )
}

const WordBoxes = memo(function WordBoxes({
  page,
  selected,
  onSelect,
}: {
  page: DocumentPage
  selected: number | null
  onSelect: (index: number | null) => void
}) {
  return (
    <svg
      viewBox={`0 0 ${page.width} ${page.height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      className="absolute inset-0 size-full"
    >
      {page.words.map((word, index) => {
        const [left, top, right, bottom] = word.box
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: for the pointer; the keys work in the text
          <rect
            key={index}
            x={left}
            y={top}
            width={Math.max(1, right - left)}
            height={Math.max(1, bottom - top)}
            rx={3}
            strokeWidth={index === selected ? 3 : 1.5}
            vectorEffect="non-scaling-stroke"
            onPointerEnter={(event) => event.pointerType === 'mouse' && onSelect(index)}
            onClick={() => onSelect(index)}
            className={classes(
              'cursor-pointer',
              index === selected
                ? 'fill-accent/25 stroke-accent'
                : boxColors[certaintyOf(word.confidence)],
            )}
          />
        )
      })}
    </svg>
  )
})

/** Brings the selected word into the frame when it lies outside; the page itself stays put. */
function useScrollToWord(
  frame: React.RefObject<HTMLElement | null>,
  page: DocumentPage,
  selected: number | null,
  zoom: number,
) {
  useEffect(() => {
    const element = frame.current
    const word = selected === null ? undefined : page.words[selected]
    if (!element || !word) return
    const scale = (element.clientWidth * zoom) / page.width
    const [left, top, right, bottom] = word.box.map((edge) => edge * scale) as typeof word.box
    const margin = 24
    const seen =
      top >= element.scrollTop + margin &&
      bottom <= element.scrollTop + element.clientHeight - margin &&
      left >= element.scrollLeft &&
      right <= element.scrollLeft + element.clientWidth
    if (seen) return
    element.scrollTo({
      top: (top + bottom - element.clientHeight) / 2,
      left: (left + right - element.clientWidth) / 2,
      behavior: 'smooth',
    })
  }, [frame, page, selected, zoom])
}
