import type { ReactNode } from 'react'
import type { AuditVerification } from '../../api/audit.ts'
import { formatCount, formatSeconds } from '../../format/numbers.ts'
import { t } from '../../texts/translate.ts'
import { Icon } from '../../ui/icon.tsx'

/** Whether a chain holds, and if not, where it first does not. */
export function VerificationResult({
  verification,
  children,
}: {
  verification: AuditVerification
  children?: ReactNode
}) {
  const { intact, problem, records, checkpoints, seconds } = verification
  return (
    <div
      role={intact ? 'status' : 'alert'}
      className={`mt-3 flex gap-2.5 rounded-md px-3 py-2.5 ${intact ? 'bg-ok-soft' : 'bg-bad-soft'}`}
    >
      <Icon
        name={intact ? 'check' : 'alert'}
        className={`mt-0.5 ${intact ? 'text-ok-ink' : 'text-bad-ink'}`}
      />
      <div className="min-w-0">
        <p className="font-medium">
          {intact
            ? t('Intact: no record was changed, removed, added or moved.')
            : problem
              ? t('Broken at record {seq}: {problem}', {
                  seq: formatCount(problem.seq),
                  problem: problem.message,
                })
              : t('The chain does not hold.')}
        </p>
        <p className="tabular text-xs text-ink-2">
          {t(
            '{records, plural, one {# record} other {# records}} and {checkpoints, plural, one {# checkpoint} other {# checkpoints}} checked in {time}',
            { records, checkpoints, time: formatSeconds(seconds) },
          )}
          {problem && `, ${t('kind of problem: {kind}', { kind: problem.kind })}`}
        </p>
        {children}
      </div>
    </div>
  )
}
