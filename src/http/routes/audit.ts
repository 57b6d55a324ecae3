/** The audit chain: read, check, take away. */

import { z } from 'zod'
import { exportChain } from '../../assurance/audit/export.ts'
import {
  auditHead,
  latestCheckpoint,
  listRecords,
  makeCheckpoint,
} from '../../assurance/audit/store.ts'
import { verifyExport } from '../../assurance/audit/verify.ts'
import type { SigningKey } from '../../assurance/signing.ts'
import type { Database } from '../../store/database.ts'
import { listBody, pageQuery, wishOf } from '../paging.ts'
import { type Route, route } from '../route.ts'
import { listAnswer } from '../shapes.ts'

export interface AuditRouteParts {
  db: Database
  signingKey: SigningKey
}

export function auditRoutes(parts: AuditRouteParts): Route[] {
  const { db, signingKey } = parts
  return [
    route({
      method: 'GET',
      path: '/v1/audit',
      guard: 'audit:read',
      summary: 'Audit records, newest first',
      tag: 'Audit',
      query: pageQuery('desc').extend({
        /** The place of `after`, as it was called first. */
        before_seq: z.coerce.number().int().min(1).optional(),
        /** With `.*` at its end: all kinds of a thing. */
        kind: z.string().max(100).optional(),
        /** Id or name of a key or member. */
        actor: z.string().max(200).optional(),
        /** Id of what it was done to, or the kind of such things. */
        subject: z.string().max(200).optional(),
        outcome: z.enum(['ok', 'failed', 'refused']).optional(),
        from: z.coerce.date().optional(),
        to: z.coerce.date().optional(),
      }),
      response: listAnswer,
      handler: async ({ scope, query }) => {
        const { before_seq: beforeSeq, ...filter } = query
        const after = query.after ?? beforeSeq?.toString()
        const wish = wishOf({ ...query, after }, /^[1-9]\d{0,14}$/)
        const page = await listRecords(db, scope, filter, wish)
        const bodyOf = (record: (typeof page.rows)[number]) => ({
          seq: record.seq,
          at: record.body.at,
          kind: record.body.kind,
          actor: { ...record.body.actor, name: record.actorName },
          workspace: record.body.workspace,
          subject: record.body.subject,
          outcome: record.body.outcome,
          details: record.body.details,
          digest: record.digest.toString('hex'),
          link: record.link.toString('hex'),
        })
        const list = listBody(page, bodyOf, ({ seq }) => String(seq))
        return { ...list, next_before_seq: list.next === null ? null : Number(list.next) }
      },
    }),
    route({
      method: 'GET',
      path: '/v1/audit/status',
      guard: 'audit:verify',
      summary: 'Head of the chain, last signed checkpoint, public key',
      tag: 'Audit',
      handler: async ({ scope }) => {
        const head = await auditHead(db, scope.organisationId)
        const checkpoint = await latestCheckpoint(db, scope.organisationId)
        return {
          organisation: scope.organisationId,
          records: head.seq,
          head: { seq: head.seq, link: head.link.toString('hex'), at: head.at },
          checkpoint: checkpoint
            ? {
                seq: checkpoint.seq,
                root: checkpoint.root.toString('hex'),
                signed_at: checkpoint.signed_at,
                key_fingerprint: checkpoint.fingerprint,
              }
            : null,
          public_key: signingKey.publicKey,
          fingerprint: signingKey.fingerprint,
        }
      },
    }),
    route({
      method: 'POST',
      path: '/v1/audit/checkpoint',
      guard: 'audit:verify',
      summary: 'Sign a checkpoint at the head now',
      tag: 'Audit',
      handler: async ({ scope }) => {
        const made = await makeCheckpoint(db, scope.organisationId, signingKey, new Date())
        return { seq: made?.seq ?? 0, root: made?.root.toString('hex') ?? null }
      },
    }),
    route({
      method: 'POST',
      path: '/v1/audit/verify',
      guard: 'audit:verify',
      summary: 'Verify the whole chain as it stands',
      tag: 'Audit',
      handler: async ({ scope }) => {
        const startedAt = performance.now()
        const lines = exportChain(db, scope.organisationId, signingKey, new Date())
        const { intact, records, checkpoints, problem } = await verifyExport(
          lines,
          signingKey.publicKey,
        )
        const seconds = (performance.now() - startedAt) / 1000
        return { intact, records, checkpoints, problem, seconds }
      },
    }),
    route({
      method: 'GET',
      path: '/v1/audit/export',
      guard: 'audit:verify',
      summary: 'The chain as a file that can be verified offline',
      tag: 'Audit',
      answers: ['application/x-ndjson'],
      handler: async ({ scope }) => {
        const lines = exportChain(db, scope.organisationId, signingKey, new Date())
        const encoder = new TextEncoder()
        const body = new ReadableStream<Uint8Array>({
          async pull(controller) {
            const { value, done } = await lines.next()
            if (done) controller.close()
            else controller.enqueue(encoder.encode(value))
          },
          async cancel() {
            await lines.return(undefined)
          },
        })
        return new Response(body, {
          headers: {
            'content-type': 'application/x-ndjson',
            'content-disposition': 'attachment; filename="audit.jsonl"',
          },
        })
      },
    }),
  ]
}
