import { memo } from 'react'
import { CodeBlock } from '../../markdown/code-block.tsx'
import { Markdown } from '../../markdown/markdown.tsx'
import { useLanguage } from '../../texts/language.ts'
import { t } from '../../texts/translate.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { AnswerFacts } from './answer-facts.tsx'
import { askAgain, type Turn } from './conversation.ts'

export const TurnView = memo(function TurnView({ turn, last }: { turn: Turn; last: boolean }) {
  useLanguage()
  return turn.role === 'user' ? <Question turn={turn} /> : <Answer turn={turn} last={last} />
})

function Question({ turn }: { turn: Turn }) {
  return (
    <div className="flex justify-end">
      <div className="max-w-[85%] rounded-xl rounded-br-sm bg-accent-soft px-3.5 py-2 text-base break-words whitespace-pre-wrap">
        <span className="sr-only">{t('You:')} </span>
        {turn.text}
      </div>
    </div>
  )
}

function Answer({ turn, last }: { turn: Turn; last: boolean }) {
  const streaming = turn.state === 'streaming'
  return (
    <article
      aria-label={t('Answer of {model}', { model: turn.model ?? '' })}
      aria-busy={streaming}
      className="group"
    >
      <header className="mb-1 flex min-h-7 items-center gap-2 text-xs text-ink-3">
        <span className="truncate font-medium text-ink-2">{turn.model}</span>
        {turn.state === 'stopped' && <Badge>{t('stopped')}</Badge>}
        {streaming && <span className="sr-only">{t('is answering')}</span>}
        {!streaming && (
          <span className="ml-auto flex items-center">
            {last && (
              <Button look="quiet" size="small" icon="retry" onClick={askAgain}>
                {t('Again')}
              </Button>
            )}
            {turn.text !== '' && <CopyButton text={turn.text} label={t('Copy answer')} />}
          </span>
        )}
      </header>
      {turn.text === '' && !streaming ? null : turn.text === '' ? (
        <div className="space-y-2 py-1">
          <Skeleton className="h-4 w-3/4" />
          <Skeleton className="h-4 w-1/2" />
        </div>
      ) : (
        <div className="text-base">
          {turn.structured ? <Structured turn={turn} /> : <Markdown text={turn.text} />}
          {streaming && (
            <span
              aria-hidden="true"
              className="mt-1 inline-block h-4 w-1.5 animate-blink bg-accent align-text-bottom"
            />
          )}
        </div>
      )}
      {turn.error !== undefined && <ErrorNotice error={turn.error} className="mt-2" />}
      <AnswerFacts turn={turn} />
    </article>
  )
}

/** An answer that was to be JSON: laid out if it is, as it came if it is not (yet). */
function Structured({ turn }: { turn: Turn }) {
  let parsed: string | null = null
  try {
    parsed = JSON.stringify(JSON.parse(turn.text), null, 2)
  } catch {
    // While it streams, and when it was cut off, the text is no JSON; the badge says so at the end.
  }
  return (
    <>
      <CodeBlock language="json" text={parsed ?? turn.text} />
      {turn.state !== 'streaming' && parsed === null && (
        <Badge tone="bad" icon="alert" className="mt-2">
          {t('not complete JSON')}
        </Badge>
      )}
    </>
  )
}
