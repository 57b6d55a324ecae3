/**
 * What one audit record says. Records hold ids, counts and keyed digests, never personal text: names
 * are looked up when shown, contents are only fingerprinted.
 */
import { recordDigest } from './chain.ts'
import { canonicalJson } from './layout.ts'

export interface AuditEvent {
  organisationId: string
  workspaceId: string | null
  /** `call`, or `<thing>.<verb>` such as `key.create`. */
  kind: string
  actor: { kind: 'key' | 'member' | 'system'; id: string }
  subject?: { kind: string; id: string } | null
  outcome: 'ok' | 'failed' | 'refused'
  details?: Record<string, unknown>
}

/** The record as it is hashed and exported. */
export interface AuditBody {
  v: 1
  at: string
  kind: string
  actor: { kind: string; id: string }
  workspace: string | null
  subject: { kind: string; id: string } | null
  outcome: string
  details: Record<string, unknown>
}

/** The form `book` takes: the canonical text, its digest, and columns to search by. */
export function auditEntry(event: AuditEvent, at: Date) {
  const body: AuditBody = {
    v: 1,
    at: at.toISOString(),
    kind: event.kind,
    actor: { kind: event.actor.kind, id: event.actor.id },
    workspace: event.workspaceId,
    subject: event.subject ?? null,
    outcome: event.outcome,
    details: withoutUndefined(event.details ?? {}),
  }
  const text = canonicalJson(body)
  return {
    at: body.at,
    kind: body.kind,
    actor: body.actor.id,
    workspace: body.workspace,
    body: text,
    digest: recordDigest(text).toString('hex'),
  }
}

function withoutUndefined(details: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined))
}
