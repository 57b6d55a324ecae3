import { t } from '../texts/translate.ts'
import { CopyButton } from '../ui/copy-button.tsx'

/** Code or data as it is, with a button that copies it. */
export function CodeBlock({ text, language }: { text: string; language?: string }) {
  return (
    <div className="relative rounded-md border bg-sunken">
      <div className="flex h-8 items-center justify-between border-b pr-1 pl-3 text-2xs text-ink-3">
        {language || 'text'}
        <CopyButton text={text} label={t('Copy code')} />
      </div>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines must scroll by keyboard too
        tabIndex={0}
        className="overflow-x-auto px-3 py-2.5 font-mono text-xs"
      >
        {text}
      </pre>
    </div>
  )
}
