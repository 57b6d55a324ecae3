import { t } from '../texts/translate.ts'
import { classes } from './classes.ts'
import { CopyButton } from './copy-button.tsx'

/** A line, or a few, to be typed in a shell, with a button that copies it. */
export function CommandLine({ command, className }: { command: string; className?: string }) {
  return (
    <div className={classes('flex items-start gap-1 rounded-md border bg-sunken', className)}>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long line must scroll by keyboard too
        tabIndex={0}
        className="min-w-0 flex-1 overflow-x-auto px-3 py-2 font-mono text-xs text-ink"
      >
        {command}
      </pre>
      <div className="p-1">
        <CopyButton text={command} label={t('Copy command')} />
      </div>
    </div>
  )
}
