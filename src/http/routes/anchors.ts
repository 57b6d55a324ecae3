/** Anchors of the audit chain: a second person's signature, a folder elsewhere, a time-stamping authority. */

import { z } from 'zod'
import { type AnchoringParts, anchorHead } from '../../assurance/audit/anchoring.ts'
import {
  type Anchor,
  addCountersignature,
  getAnchor,
  listAnchors,
  noteOf,
  statementOf,
} from '../../assurance/audit/anchors.ts'
import { latestCheckpoint, makeCheckpoint } from '../../assurance/audit/store.ts'
import { readPublicKey, type SigningKey } from '../../assurance/signing.ts'
import { AppError } from '../../errors.ts'
import type { Database } from '../../store/database.ts'
import type { Change } from '../change.ts'
import { byId, listBody, pageOf, wholeList } from '../paging.ts'
import { type Route, route } from '../route.ts'
import { idParams, listAnswer } from '../shapes.ts'

export interface AnchorRouteParts {
  db: Database
  signingKey: SigningKey
  anchoring: AnchoringParts
  change: Change
}

function anchorBody(anchor: Anchor) {
  const { id, kind, seq, made_by, at } = anchor
  const by = kind === 'countersignature' ? readPublicKey(made_by).fingerprint : made_by
  return { object: 'anchor', id, kind, seq, by, at }
}

export function anchorRoutes({ db, signingKey, anchoring, change }: AnchorRouteParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/audit/anchors',
      guard: 'audit:verify',
      summary: 'Evidence about checkpoints that was made outside this installation',
      tag: 'Audit',
      query: wholeList('asc'),
      response: listAnswer,
      handler: async ({ scope, query }) => {
        const page = pageOf(await listAnchors(db, scope.organisationId), byId, query, 'asc')
        return listBody(page, anchorBody, byId)
      },
    }),
    route({
      method: 'GET',
      path: '/v1/audit/anchors/{id}',
      guard: 'audit:verify',
      summary: 'One anchor with its evidence and the bytes it is about, to be kept elsewhere',
      tag: 'Audit',
      params: idParams,
      handler: async ({ scope, params }) => {
        const { anchor, checkpoint } = await getAnchor(db, scope.organisationId, params.id)
        const note = noteOf(checkpoint)
        return {
          ...anchorBody(anchor),
          checkpoint: note,
          statement: statementOf(note).toString('base64'),
          made_by: anchor.made_by,
          evidence: anchor.evidence.toString('base64'),
        }
      },
    }),
    route({
      method: 'POST',
      path: '/v1/audit/anchors',
      guard: 'audit:anchor',
      summary: 'Write the head to the folder and have it time-stamped now, as the settings say',
      tag: 'Audit',
      handler: async ({ scope }) => {
        if (!anchoring.folder && !anchoring.timestampUrl) {
          throw new AppError(
            'conflict',
            'No anchor is set: give BASTIDE_ANCHOR_FOLDER or BASTIDE_TIMESTAMP_URL, or countersign.',
          )
        }
        const anchored = await anchorHead(anchoring, scope.organisationId)
        return {
          object: 'list',
          data: anchored?.made.map(anchorBody) ?? [],
          failures: anchored?.failures ?? [],
        }
      },
    }),
    route({
      method: 'POST',
      path: '/v1/audit/statement',
      guard: 'audit:anchor',
      summary: 'A checkpoint at the head, and the bytes a second person signs',
      tag: 'Audit',
      handler: async ({ scope }) => {
        const now = new Date(anchoring.clock.now())
        const checkpoint = await makeCheckpoint(db, scope.organisationId, signingKey, now)
        if (!checkpoint) throw new AppError('conflict', 'The chain has no record yet.')
        const note = noteOf(checkpoint)
        return { checkpoint: note, statement: statementOf(note).toString('base64') }
      },
    }),
    route({
      method: 'POST',
      path: '/v1/audit/countersignatures',
      guard: 'audit:anchor',
      summary: "Keep a second person's signature over a checkpoint",
      tag: 'Audit',
      status: 201,
      body: z.strictObject({
        seq: z.number().int().min(1),
        public_key: z.string().min(1).max(2000),
        signature: z.string().min(1).max(200),
      }),
      handler: async (incoming) => {
        const { seq, public_key: publicKey, signature } = incoming.body
        const checkpoint = await latestCheckpoint(db, incoming.scope.organisationId, seq)
        if (checkpoint?.seq !== seq) {
          throw new AppError('not_found', `There is no checkpoint ${seq}.`, { param: 'seq' })
        }
        return change(incoming, 'audit.countersign', async (transaction) => {
          const now = new Date(anchoring.clock.now())
          const given = { publicKey, signature }
          const anchor = await addCountersignature(transaction, checkpoint, given, signingKey, now)
          const result = anchorBody(anchor)
          const details = { seq, key_fingerprint: result.by }
          return { result, subject: { kind: 'checkpoint', id: String(seq) }, details }
        })
      },
    }),
  ]
}
