import { Link } from 'wouter'
import {
  type Document,
  documentTextPath,
  isActive,
  shareDone,
  useCancelDocument,
  useDeleteDocument,
} from '../../api/documents.ts'
import { formatBytes, formatEuros, formatJoules, formatShare } from '../../format/numbers.ts'
import { remainingTime } from '../../format/remaining.ts'
import { formatAgo, formatExactTime } from '../../format/times.ts'
import { t } from '../../texts/translate.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Menu, MenuDivider, MenuItem, MenuLink } from '../../ui/menu.tsx'
import { ProgressBar } from '../../ui/meter.tsx'
import { RunStatus } from '../../ui/run-status.tsx'
import { Sourced, sourcedText } from '../../ui/sourced.tsx'
import { notify, notifyError } from '../../ui/toast.tsx'
import { documentLedgerPath } from './document-ledger.ts'

export function DocumentRow({ document, mayChange }: { document: Document; mayChange: boolean }) {
  const active = isActive(document)
  return (
    <li className="relative px-4 py-2.5 hover:bg-canvas">
      <div className="flex items-center gap-x-3">
        <div className="min-w-0 flex-1">
          <Link
            href={`/documents/${encodeURIComponent(document.id)}`}
            className="block truncate font-medium after:absolute after:inset-0"
          >
            {document.name}
          </Link>
          <p className="truncate text-xs text-ink-3">
            <span title={formatExactTime(document.created_at)}>
              {formatAgo(document.created_at)}
            </span>
            {' · '}
            {formatBytes(document.size_bytes)}
            {document.page_count !== null &&
              ` · ${t('{count, plural, one {# page} other {# pages}}', { count: document.page_count })}`}
          </p>
        </div>
        {document.status === 'done' && <Facts document={document} />}
        <RunStatus status={document.status} />
        <div className="relative z-1 -mr-2">
          {active && mayChange ? (
            <CancelButton document={document} />
          ) : (
            <RowMenu document={document} mayChange={mayChange} />
          )}
        </div>
      </div>
      {active && <Progress document={document} />}
      {document.error && (
        <p className="mt-1 text-xs text-pretty text-bad-ink">
          {document.error.message} <code className="font-mono">({document.error.code})</code>
        </p>
      )}
    </li>
  )
}

function Facts({ document }: { document: Document }) {
  return (
    <div className="tabular relative z-1 hidden items-baseline gap-4 text-xs text-ink-2 sm:flex">
      <span title={t('Mean certainty of its words')}>
        {t('{share} sure', { share: formatShare(document.confidence) })}
      </span>
      <Sourced
        value={document.joules}
        format={formatJoules}
        source={document.joules_source}
        to={documentLedgerPath(document)}
      />
      <span className="hidden lg:inline">
        {sourcedText(document.euros, document.joules_source, formatEuros)}
      </span>
    </div>
  )
}

function Progress({ document }: { document: Document }) {
  return (
    <div className="mt-2 flex items-center gap-3">
      <ProgressBar
        label={t('Reading {name}', { name: document.name })}
        share={document.status === 'queued' ? 0 : shareDone(document)}
      />
      <span className="tabular text-xs whitespace-nowrap text-ink-2">{progressText(document)}</span>
    </div>
  )
}

function progressText(document: Document): string {
  if (document.status === 'queued') return t('waiting')
  if (!document.page_count) return t('Opening the file')
  const left = remainingTime(shareDone(document), document.seconds)
  const done = t('{part} of {all}', { part: document.pages_done, all: document.page_count })
  return left ? `${done} · ${left}` : done
}

function CancelButton({ document }: { document: Document }) {
  const cancel = useCancelDocument()
  return (
    <Button
      look="quiet"
      size="small"
      icon="close"
      busy={cancel.isPending}
      onClick={() => cancel.mutate(document.id, { onError: notifyError })}
    >
      {t('Cancel')}
    </Button>
  )
}

function RowMenu({ document, mayChange }: { document: Document; mayChange: boolean }) {
  const remove = useDeleteDocument()
  return (
    <Menu
      trigger={
        <IconButton
          icon="more"
          size="small"
          label={t('More for {name}', { name: document.name })}
        />
      }
    >
      {document.status === 'done' && (
        <>
          <MenuLink icon="download" download href={documentTextPath(document.id, 'markdown')}>
            {t('Download Markdown')}
          </MenuLink>
          <MenuLink icon="download" download href={documentTextPath(document.id, 'text')}>
            {t('Download text')}
          </MenuLink>
          <MenuLink icon="download" download href={documentTextPath(document.id, 'json')}>
            {t('Download JSON with words')}
          </MenuLink>
          <MenuDivider />
        </>
      )}
      {mayChange && (
        <MenuItem
          icon="trash"
          tone="bad"
          onSelect={() =>
            remove.mutate(document.id, {
              onSuccess: () => notify(t('“{name}” is deleted.', { name: document.name })),
              onError: notifyError,
            })
          }
        >
          {t('Delete')}
        </MenuItem>
      )}
    </Menu>
  )
}
