import { auditExportPath } from '../../api/audit.ts'
import { usePermission } from '../../api/session.ts'
import { t } from '../../texts/translate.ts'
import { buttonClasses } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { Anchors } from './anchors.tsx'
import { AuditRecords } from './audit-records.tsx'
import { ChainStatus } from './chain-status.tsx'
import { VerifyHere } from './verify-here.tsx'

const calls = [
  { method: 'GET', path: auditExportPath, output: 'audit.jsonl' },
  { method: 'POST', path: '/v1/audit/verify' },
  { method: 'POST', path: '/v1/audit/anchors' },
] as const

export default function AuditPage() {
  const mayVerify = usePermission('audit:verify')
  return (
    <>
      <PageHeader
        title={t('Audit')}
        description={t(
          'Who did what, when, with which outcome. Each record is chained to the one before it.',
        )}
        actions={
          mayVerify && (
            <a download href={auditExportPath} className={buttonClasses('secondary')}>
              <Icon name="download" /> {t('Export')}
            </a>
          )
        }
        calls={mayVerify ? calls : []}
      />
      <div className="space-y-4">
        {mayVerify && <ChainStatus />}
        {mayVerify && <VerifyHere />}
        {mayVerify && <Anchors />}
        <AuditRecords />
      </div>
    </>
  )
}
