import { useMemo, useState } from 'react'
import { type DocumentPage, useDocumentPage } from '../../api/documents.ts'
import { formatShare } from '../../format/numbers.ts'
import type { PlainText } from '../../texts/catalogue.ts'
import { t } from '../../texts/translate.ts'
import { Card } from '../../ui/card.tsx'
import { Choice } from '../../ui/choice.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { DoubtfulWords } from './doubtful-words.tsx'
import { PageImage } from './page-image.tsx'
import { PageText, type TextForm } from './page-text.tsx'
import { doubtfulWords, useWordKeys } from './word-selection.ts'

const sources = {
  'text-layer': 'text of the file itself',
  recognition: 'recognised from the image',
  blank: 'blank page',
} as const satisfies Record<DocumentPage['source'], PlainText>

/** The image and the text of one page, linked word by word. */
export function PageView({ id, index }: { id: string; index: number }) {
  const { data: page, error, refetch } = useDocumentPage(id, index, true)
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />
  if (!page) {
    return (
      <div className="grid gap-4 lg:grid-cols-2">
        <Skeleton className="h-[36rem] w-full rounded-lg" />
        <Skeleton className="h-[36rem] w-full rounded-lg" />
      </div>
    )
  }
  return <LinkedPage key={page.index} id={id} page={page} />
}

function LinkedPage({ id, page }: { id: string; page: DocumentPage }) {
  const [selected, setSelected] = useState<number | null>(null)
  const [form, setForm] = useState<TextForm>(page.words.length > 0 ? 'words' : 'markdown')
  const doubtful = useMemo(() => doubtfulWords(page.words), [page.words])
  useWordKeys(doubtful, selected, setSelected)

  const forms = [
    ...(page.words.length > 0 ? [{ value: 'words' as const, label: t('Words') }] : []),
    { value: 'markdown' as const, label: t('Layout') },
    { value: 'source' as const, label: 'Markdown' },
  ]
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Card
        flush
        title={t('Page {page}', { page: page.index + 1 })}
        note={`${page.width} × ${page.height} px, ${Math.round(page.dpi)} dpi`}
        className="lg:sticky lg:top-4"
      >
        <PageImage id={id} page={page} selected={selected} onSelect={setSelected} />
      </Card>
      <div className="min-w-0 space-y-4">
        <Card
          title={t('Text')}
          note={
            <span title={t('Mean certainty of the words')}>
              {t(sources[page.source])}
              {page.confidence !== null &&
                `, ${t('{share} sure', { share: formatShare(page.confidence) })}`}
            </span>
          }
          actions={
            <Choice label={t('Form of the text')} value={form} options={forms} onChange={setForm} />
          }
        >
          <PageText page={page} form={form} selected={selected} onSelect={setSelected} />
        </Card>
        {page.words.length > 0 && (
          <DoubtfulWords
            words={page.words}
            doubtful={doubtful}
            selected={selected}
            onSelect={setSelected}
          />
        )}
      </div>
    </div>
  )
}
