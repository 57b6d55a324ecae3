import { useMemo, useState } from 'react'
import { type DocumentPage, useDocumentPage } from '../../api/documents.ts'
import { formatShare } from '../../format/numbers.ts'
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
} as const

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
    ...(page.words.length > 0 ? [{ value: 'words' as const, label: 'Words' }] : []),
    { value: 'markdown' as const, label: 'Layout' },
    { value: 'source' as const, label: 'Markdown' },
  ]
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Card
        flush
        title={`Page ${page.index + 1}`}
        note={`${page.width} × ${page.height} px, ${Math.round(page.dpi)} dpi`}
        className="lg:sticky lg:top-4"
      >
        <PageImage id={id} page={page} selected={selected} onSelect={setSelected} />
      </Card>
      <div className="min-w-0 space-y-4">
        <Card
          title="Text"
          note={
            <span title="Mean certainty of the words">
              {sources[page.source]}
              {page.confidence !== null && `, ${formatShare(page.confidence)} sure`}
            </span>
          }
          actions={
            <Choice label="Form of the text" value={form} options={forms} onChange={setForm} />
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
