import type { ReactNode } from 'react'
import type { ModelPackage } from '../../api/packages.ts'
import { Badge } from '../../ui/badge.tsx'

/** Who made it, under which licence, and whether the house lets it run. */
export function PackageFacts({ item }: { item: ModelPackage }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 rounded-md bg-sunken px-3 py-2.5 text-xs">
      <Fact name="Policy">
        <PolicyBadge item={item} />
        {item.policy.reason && <span className="ml-2 text-ink-2">{item.policy.reason}</span>}
      </Fact>
      <Fact name="Signature">
        <SignatureBadge item={item} />
      </Fact>
      <Fact name="Licence">{item.card.licence ?? 'not stated'}</Fact>
      <Fact name="Origin">{originOf(item)}</Fact>
      {item.card.purpose && <Fact name="Purpose">{item.card.purpose}</Fact>}
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
      may run
    </Badge>
  ) : (
    <Badge tone="bad" icon="close">
      refused
    </Badge>
  )
}

export function SignatureBadge({ item: { signature } }: { item: ModelPackage }) {
  if (!signature) return <Badge tone="warn">not signed</Badge>
  return (
    <Badge tone={signature.own || signature.signer ? 'ok' : 'neutral'} icon="check">
      {signature.own ? 'signed by this house' : `signed by ${signature.signer ?? 'an unknown key'}`}
    </Badge>
  )
}

export function originOf({ card: { origin } }: ModelPackage): string {
  const stated = [origin?.maker, origin?.country].filter((part) => part && part !== 'unknown')
  return stated.join(', ') || 'not stated'
}
