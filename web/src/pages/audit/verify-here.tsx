import { useId, useState } from 'react'
import { type AuditStatus, openAuditExport, useAuditStatus } from '../../api/audit.ts'
import { t } from '../../texts/translate.ts'
import { Button, buttonClasses } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { classes } from '../../ui/classes.ts'
import { TextArea } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { TransferBar, useTransfer } from '../../ui/transfer.tsx'
import type { Verification } from './browser-verifier.ts'
import { VerificationResult } from './verification-result.tsx'

interface Checked extends Verification {
  seconds: number
}

/** A share is told this often: each telling renders. */
const linesPerStep = 250

/**
 * Checks the chain without believing the server: every link, checkpoint and signature is computed here, with
 * a public key that the reader may have kept elsewhere. A file that was exported before is checked alike.
 */
export function VerifyHere() {
  const { data: status } = useAuditStatus()
  const [key, setKey] = useState('')
  const [checked, setChecked] = useState<Checked | null>(null)
  const transfer = useTransfer()
  const id = useId()

  const verify = (open: (signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>) => {
    setChecked(null)
    void transfer.start(async (onProgress, signal) => {
      // The verifier is as large as the rest of the page, and few need it.
      const { verifyInBrowser } = await import('./browser-verifier.ts')
      const startedAt = performance.now()
      const expected = (status?.records ?? 0) + 1
      const bytes = await open(signal)
      const found = await verifyInBrowser(bytes, key.trim() || null, (lines) => {
        signal.throwIfAborted()
        if (lines % linesPerStep === 0) onProgress(Math.min(1, lines / expected))
      })
      setChecked({ ...found, seconds: (performance.now() - startedAt) / 1000 })
    })
  }

  return (
    <Card
      title={t('Verify in this browser')}
      note={t('every digest and signature is computed here, not by the server')}
    >
      <div className="space-y-3">
        <TextArea
          label={t('Public key you kept elsewhere')}
          hint={t(
            'From your contract or notary file: it proves that nobody exchanged the key. Empty: the key the export names itself.',
          )}
          rows={2}
          maxLength={2000}
          className="font-mono text-xs"
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
        <div className="flex flex-wrap items-center gap-2">
          <Button
            look="primary"
            icon="audit"
            disabled={transfer.busy}
            onClick={() => verify(openAuditExport)}
          >
            {t('Verify here')}
          </Button>
          <label
            htmlFor={id}
            className={classes(
              buttonClasses(),
              'cursor-pointer focus-within:outline-2 focus-within:outline-accent',
            )}
          >
            <Icon name="upload" />
            {t('Verify an exported file')}
            <input
              id={id}
              type="file"
              accept=".jsonl,application/x-ndjson"
              className="sr-only"
              disabled={transfer.busy}
              onChange={({ target }) => {
                const file = target.files?.[0]
                if (file) verify(async () => file.stream())
                // Choosing the same file again must count again.
                target.value = ''
              }}
            />
          </label>
        </div>
        <TransferBar transfer={transfer} label={t('Verifying')} />
      </div>
      <div aria-live="polite">
        {checked && (
          <VerificationResult verification={checked}>
            <KeyFacts checked={checked} status={status} />
          </VerificationResult>
        )}
      </div>
    </Card>
  )
}

/** What the result rests on: whose key, and who else vouched. */
function KeyFacts({ checked, status }: { checked: Checked; status: AuditStatus | undefined }) {
  const { intact, organisation, fingerprint, keyIsIndependent, anchors } = checked
  const isOurs = organisation === status?.organisation
  return (
    <ul className="mt-1 space-y-0.5 text-xs text-ink-2">
      <li className={isOurs ? undefined : 'font-medium text-bad-ink'}>
        {isOurs
          ? t('Chain of this organisation, {organisation}', { organisation })
          : t('Chain of another organisation than this one: {organisation}', { organisation })}
      </li>
      <li>
        {t('Signing key')} <code className="font-mono break-all">{fingerprint}</code>
        {fingerprint === status?.fingerprint &&
          `, ${t('the one this installation signs with now')}`}
      </li>
      {intact && (
        <li>
          {keyIsIndependent
            ? t('It is the key you gave: the records are those that were signed with it.')
            : t(
                'The key came with the export: compare its fingerprint with the one you kept, or paste the key.',
              )}
        </li>
      )}
      {anchors.countersigned.map((one) => (
        <li key={one.fingerprint}>
          {t('Countersigned up to record {seq} with the key {fingerprint}.', one)}
        </li>
      ))}
      {anchors.unchecked > 0 && (
        <li>
          {t(
            '{count, plural, one {# time-stamp was} other {# time-stamps were}} not checked: browsers read no such certificates, ./bastide audit verify does.',
            { count: anchors.unchecked },
          )}
        </li>
      )}
    </ul>
  )
}
