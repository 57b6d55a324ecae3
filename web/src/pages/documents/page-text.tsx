import type { DocumentPage } from '../../api/documents.ts'
import { CodeBlock } from '../../markdown/code-block.tsx'
import { Markdown } from '../../markdown/markdown.tsx'
import { t } from '../../texts/translate.ts'
import { WordText } from './word-text.tsx'

export type TextForm = 'words' | 'markdown' | 'source'

export function PageText({
  page,
  form,
  selected,
  onSelect,
}: {
  page: DocumentPage
  form: TextForm
  selected: number | null
  onSelect: (index: number | null) => void
}) {
  if (page.markdown.trim() === '' && page.words.length === 0) {
    return <p className="py-6 text-center text-ink-2">{t('There is no text on this page.')}</p>
  }
  if (form === 'words')
    return <WordText words={page.words} selected={selected} onSelect={onSelect} />
  if (form === 'source') return <CodeBlock language="markdown" text={page.markdown} />
  return (
    <div className="text-base">
      <Markdown text={page.markdown} />
    </div>
  )
}
