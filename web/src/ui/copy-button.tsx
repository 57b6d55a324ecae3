import { useEffect, useState } from 'react'
import { t } from '../texts/translate.ts'
import { Button, IconButton } from './button.tsx'

/** Copies a text and says so for a moment. Without `children` it is an icon. */
export function CopyButton({
  text,
  label = t('Copy'),
  children,
}: {
  text: string | (() => string)
  label?: string
  children?: string
}) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1_600)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async () => {
    await writeClipboard(typeof text === 'string' ? text : text())
    setCopied(true)
  }
  if (children) {
    return (
      <Button look="quiet" size="small" icon={copied ? 'check' : 'copy'} onClick={copy}>
        <span aria-live="polite">{copied ? t('Copied') : children}</span>
      </Button>
    )
  }
  return (
    <IconButton
      size="small"
      icon={copied ? 'check' : 'copy'}
      label={copied ? t('Copied') : label}
      onClick={copy}
    />
  )
}

/** The clipboard API exists only on https and localhost; plain http on a LAN needs the old way. */
export async function writeClipboard(text: string): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text)
    return
  }
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'sr-only'
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}
