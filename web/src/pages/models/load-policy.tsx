import { useState } from 'react'
import { usePermission } from '../../api/session.ts'
import { type LoadPolicy, type Signer, useLoadPolicy, useSigners } from '../../api/signers.ts'
import type { PlainText } from '../../texts/catalogue.ts'
import { t } from '../../texts/translate.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Listing } from '../../ui/listing.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { SignerDialog } from './signer-dialog.tsx'

const signatures: Record<LoadPolicy['signatures'], PlainText> = {
  'unsigned-allowed': 'any model, also one that nobody has signed',
  'own-only': 'only models signed with the key of this house',
  'listed-signers': 'only models that a listed signer has signed',
}

/** Which models may be loaded, and whose signatures count. */
export function LoadPolicyPage() {
  return (
    <div className="space-y-4">
      <PolicyCard />
      <Signers />
    </div>
  )
}

function PolicyCard() {
  const { data: policy, error, refetch } = useLoadPolicy()
  return (
    <Card flush title={t('What may be loaded')} note={t('checked at every load')}>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} className="m-3" />}
      {!policy && !error && <SkeletonRows label={t('Loading the rules')} />}
      {policy && (
        <>
          <dl className="divide-y border-t">
            <Rule name={t('Signatures')} variable="BASTIDE_IMPORT_POLICY">
              {t(signatures[policy.signatures])}
            </Rule>
            <Rule name={t('Licences')} variable="BASTIDE_ALLOWED_LICENCES">
              {listed(policy.licences)}
            </Rule>
            <Rule name={t('Countries of origin')} variable="BASTIDE_ALLOWED_ORIGINS">
              {listed(policy.origins)}
            </Rule>
            <Rule name={t('Formats')} variable="BASTIDE_ALLOWED_FORMATS">
              {listed(policy.formats)}
            </Rule>
          </dl>
          <p className="border-t px-4 py-2.5 text-xs text-pretty text-ink-3">
            {t(
              'Set in the environment of the server, by whoever runs it: a restart applies a change. What a rule forbids stays in the list, with the reason.',
            )}
          </p>
        </>
      )}
    </Card>
  )
}

const listed = (list: string) =>
  list.trim() === '*'
    ? t('any')
    : list
        .split(',')
        .map((one) => one.trim())
        .join(', ')

function Rule({
  name,
  variable,
  children,
}: {
  name: string
  variable: string
  children: React.ReactNode
}) {
  return (
    <div className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 px-4 py-2.5">
      <dt className="basis-40 font-medium">{name}</dt>
      <dd className="min-w-0 flex-1 basis-56 break-words">{children}</dd>
      <dd>
        <code className="font-mono text-2xs text-ink-3">{variable}</code>
      </dd>
    </div>
  )
}

function Signers() {
  const signers = useSigners()
  const mayAdd = usePermission('egress:write')
  const [adding, setAdding] = useState(false)
  return (
    <Card
      flush
      title={t('Signers')}
      note={t('whose signatures count')}
      actions={
        mayAdd && (
          <Button size="small" icon="plus" onClick={() => setAdding(true)}>
            {t('List a signer')}
          </Button>
        )
      }
    >
      <Listing query={signers} loading={t('Loading signers')} empty={null}>
        {(rows) => (
          <Table
            label={t('Signers')}
            rows={rows}
            rowKey={(signer) => signer.fingerprint}
            columns={columns()}
          />
        )}
      </Listing>
      {adding && <SignerDialog onClose={() => setAdding(false)} />}
    </Card>
  )
}

const columns = (): Column<Signer>[] => [
  {
    key: 'name',
    heading: t('Name'),
    className: 'max-w-40 truncate font-medium',
    cell: ({ name, own }) => (own ? <Badge tone="ok">{t('this house')}</Badge> : name),
  },
  {
    key: 'fingerprint',
    heading: t('Fingerprint'),
    className: 'max-w-40 sm:max-w-96',
    cell: ({ fingerprint, public_key }) => (
      <span className="flex items-center gap-1">
        <code className="truncate font-mono text-xs text-ink-2">{fingerprint}</code>
        <CopyButton text={public_key} label={t('Copy public key')} />
      </span>
    ),
  },
]
