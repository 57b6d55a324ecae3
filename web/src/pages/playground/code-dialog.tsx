import { useState } from 'react'
import type { ChatRequest } from '../../api/chat.ts'
import { CodeBlock } from '../../markdown/code-block.tsx'
import { rich } from '../../texts/rich.tsx'
import { t } from '../../texts/translate.ts'
import { Choice } from '../../ui/choice.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { type CodeFormat, codeFor, codeFormats } from './code-export.ts'

/** The conversation so far as a request that runs elsewhere. */
export function CodeDialog({ request, onClose }: { request: ChatRequest; onClose: () => void }) {
  const [format, setFormat] = useState<CodeFormat>('curl')
  return (
    <Dialog
      title={t('Use this in your program')}
      description={
        <>
          {rich(
            'Set <code>BASTIDE_KEY</code> to a key of yours first. Any OpenAI client works with this address.',
          )}
        </>
      }
      onClose={onClose}
    >
      <div className="mb-3 overflow-x-auto">
        <Choice label={t('Language')} value={format} options={codeFormats} onChange={setFormat} />
      </div>
      <CodeBlock
        language={format === 'curl' ? 'shell' : format}
        text={codeFor(format, request, location.origin)}
      />
    </Dialog>
  )
}
