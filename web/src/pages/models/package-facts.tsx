import type { ReactNode } from 'react'
import type { ModelPackage } from '../../api/packages.ts'
import { t } from '../../texts/translate.ts'
import { Badge } from '../../ui/badge.tsx'

/** Who made it, under which licence, and whether the house lets it run. */
export function PackageFacts({ item }: { item: ModelPackage }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 rounded-md bg-sunken px-3 py-2.5 text-xs">
      <Fact name={t('Policy')}>
        <PolicyBadge item={item} />
        {item.policy.reason && <span className="ml-2 text-ink-2">{item.policy.reason}</span>}
      </Fact>
      <Fact name={t('Signature')}>
        <SignatureBadge item={item} />
      </Fact>
      <Fact name={t('Licence')}>{item.card.licence ?? t('not stated')}</Fact>
      <Fact name={t('Origin')}>{originOf(item)}</Fact>
      {item.card.purpose && <Fact name={t('Purpose')}>{item.card.purpose}</Fact>}
    </dl>
  )
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  )
}

export function PolicyBadge({ item }: { item: ModelPackage }) {
  return item.policy.allowed ? (
    <Badge tone="ok" icon="check">
      {t('may run')}
    </Badge>
  ) : (
    <Badge tone="bad" icon="close">
      {t('refused')}
    </Badge>
  )
}

export function SignatureBadge({ item: { signature } }: { item: ModelPackage }) {
  if (!signature) return <Badge tone="warn">{t('not signed')}</Badge>
  return (
    <Badge tone={signature.own || signature.signer ? 'ok' : 'neutral'} icon="check">
      {signature.own
        ? t('signed by this house')
        : t('signed by {who}', { who: signature.signer ?? t('an unknown key') })}
    </Badge>
  )
}

export function originOf({ card: { origin } }: ModelPackage): string {
  const stated = [origin?.maker, origin?.country].filter((part) => part && part !== 'unknown')
  return stated.join(', ') || t('not stated')
}
