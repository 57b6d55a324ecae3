import { Link, useSearchParams } from 'wouter'
import { useDocumentEvents } from '../../api/document-events.ts'
import {
  type Document,
  documentTextPath,
  isActive,
  shareDone,
  useDocument,
} from '../../api/documents.ts'
import { formatBytes, formatEuros, formatJoules, formatSeconds } from '../../format/numbers.ts'
import { remainingTime } from '../../format/remaining.ts'
import { formatTime } from '../../format/times.ts'
import { t } from '../../texts/translate.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Menu, MenuLink } from '../../ui/menu.tsx'
import { ProgressBar } from '../../ui/meter.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { RunStatus } from '../../ui/run-status.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Sourced, sourcedText } from '../../ui/sourced.tsx'
import { documentLedgerPath } from './document-ledger.ts'
import { PageView } from './page-view.tsx'
import { Pager } from './pager.tsx'

/** One document: the page as it was scanned beside the text that was read from it. */
export function DocumentDetail({ id }: { id: string }) {
  const { data: document, error, refetch } = useDocument(id)
  const live = useDocumentEvents(id, document !== undefined && isActive(document))
  const [search, setSearch] = useSearchParams()
  const ready = document ? readyPages(document, [...live.keys()]) : 0
  const wanted = Number(search.get('page') ?? '1') - 1
  const index = Math.min(Math.max(0, Number.isInteger(wanted) ? wanted : 0), Math.max(0, ready - 1))
  const goTo = (next: number) => setSearch({ page: String(next + 1) }, { replace: true })

  return (
    <>
      <PageHeader
        title={document?.name ?? t('Document')}
        back={<BackLink />}
        description={document && <DocumentFacts document={document} />}
        actions={document?.status === 'done' && <Downloads document={document} />}
      />
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {document?.error && (
        <div role="alert" className="mb-4 rounded-md bg-bad-soft px-3 py-2.5">
          {document.error.message}{' '}
          <code className="font-mono text-xs text-ink-2">{document.error.code}</code>
        </div>
      )}
      {document && isActive(document) && <ReadingProgress document={document} />}
      {!document && !error && <Skeleton className="h-96 w-full rounded-lg" />}
      {document && ready > 0 && (
        <>
          <Pager id={id} count={ready} index={index} onChange={goTo} />
          <PageView id={id} index={index} />
        </>
      )}
    </>
  )
}

/** Pages are read in order, but a later event can name a page that an earlier state did not count. */
function readyPages(document: Document, seen: number[]): number {
  return Math.max(document.pages_done, ...seen.map((index) => index + 1))
}

function BackLink() {
  return (
    <Link
      href="/documents"
      className="mb-1 -ml-1 inline-flex items-center rounded text-xs text-ink-2 hover:text-ink"
    >
      <Icon name="chevron-left" className="size-3.5!" />
      {t('Documents')}
    </Link>
  )
}

function DocumentFacts({ document }: { document: Document }) {
  return (
    <div className="tabular mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-2">
      <RunStatus status={document.status} />
      <span>{formatTime(document.created_at)}</span>
      <span>{formatBytes(document.size_bytes)}</span>
      {document.seconds > 0 && (
        <span>{t('read in {time}', { time: formatSeconds(document.seconds) })}</span>
      )}
      {document.joules_source && (
        <>
          <Sourced
            value={document.joules}
            format={formatJoules}
            source={document.joules_source}
            to={documentLedgerPath(document)}
          />
          <span>{sourcedText(document.euros, document.joules_source, formatEuros)}</span>
        </>
      )}
      {document.model && (
        <span className="text-ink-3">{t('by {who}', { who: document.model })}</span>
      )}
    </div>
  )
}

function ReadingProgress({ document }: { document: Document }) {
  const left = remainingTime(shareDone(document), document.seconds)
  return (
    <div role="status" className="mb-4 rounded-lg border bg-surface px-4 py-3 shadow-lift">
      <p className="mb-2 flex justify-between gap-3 text-xs text-ink-2">
        <span>{readingText(document)}</span>
        {left && <span className="tabular">{left}</span>}
      </p>
      <ProgressBar
        label={t('Reading {name}', { name: document.name })}
        share={document.status === 'queued' ? 0 : shareDone(document)}
      />
    </div>
  )
}

function readingText({ status, pages_done, page_count }: Document): string {
  if (status === 'queued') return t('Waiting for a free reader')
  if (!page_count) return t('Opening the file')
  return t('Reading page {page} of {count}', {
    page: Math.min(pages_done + 1, page_count),
    count: page_count,
  })
}

function Downloads({ document }: { document: Document }) {
  return (
    <Menu trigger={<Button icon="download">{t('Download')}</Button>}>
      <MenuLink download href={documentTextPath(document.id, 'markdown')}>
        Markdown
      </MenuLink>
      <MenuLink download href={documentTextPath(document.id, 'text')}>
        {t('Plain text')}
      </MenuLink>
      <MenuLink download href={documentTextPath(document.id, 'json')}>
        {t('JSON with words and boxes')}
      </MenuLink>
    </Menu>
  )
}
