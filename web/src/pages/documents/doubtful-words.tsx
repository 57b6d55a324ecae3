import type { Word } from '../../api/documents.ts'
import { formatShare } from '../../format/numbers.ts'
import { t } from '../../texts/translate.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { classes } from '../../ui/classes.ts'
import { lowBelow, middleBelow } from './confidence.ts'
import { nextDoubtful } from './word-selection.ts'

/** More would be a wall of words; n and p reach them all. */
const shownMax = 120

/** The words the reader was least sure of: where a person should look first. */
export function DoubtfulWords({
  words,
  doubtful,
  selected,
  onSelect,
}: {
  words: Word[]
  doubtful: number[]
  selected: number | null
  onSelect: (index: number) => void
}) {
  const step = (by: 1 | -1) => onSelect(nextDoubtful(doubtful, selected, by))
  return (
    <Card
      title={t('Words to check')}
      note={
        doubtful.length === 0
          ? t('none')
          : t('{part} of {all}', { part: doubtful.length, all: words.length })
      }
      actions={
        doubtful.length > 0 && (
          <>
            <Button size="small" look="quiet" onClick={() => step(-1)}>
              {t('Previous')} <Key>p</Key>
            </Button>
            <Button size="small" look="quiet" onClick={() => step(1)}>
              {t('Next')} <Key>n</Key>
            </Button>
          </>
        )
      }
    >
      {doubtful.length > 0 && (
        <ul className="mb-3 flex flex-wrap gap-1.5">
          {doubtful.slice(0, shownMax).map((index) => (
            <li key={index}>
              <button
                type="button"
                onClick={() => onSelect(index)}
                className={classes(
                  'rounded px-1.5 py-0.5 text-xs pointer-coarse:px-2.5 pointer-coarse:py-1.5',
                  index === selected
                    ? 'bg-accent text-on-accent'
                    : 'bg-bad-soft text-ink hover:bg-accent-soft',
                )}
              >
                {words[index]!.text}{' '}
                <span className="tabular opacity-80">{formatShare(words[index]!.confidence)}</span>
              </button>
            </li>
          ))}
          {doubtful.length > shownMax && (
            <li className="self-center text-xs text-ink-3">
              {t('and {count} more, with n and p', { count: doubtful.length - shownMax })}
            </li>
          )}
        </ul>
      )}
      <p className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-3">
        <span className="underline decoration-bad decoration-wavy decoration-1 underline-offset-4">
          {t('below {share}', { share: formatShare(lowBelow) })}
        </span>
        <span className="underline decoration-energy decoration-dotted decoration-2 underline-offset-4">
          {t('below {share}', { share: formatShare(middleBelow) })}
        </span>
        <span>{t('no line: surer than that')}</span>
      </p>
    </Card>
  )
}

function Key({ children }: { children: string }) {
  return (
    <kbd className="rounded border bg-canvas px-1 font-sans text-2xs leading-4">{children}</kbd>
  )
}
