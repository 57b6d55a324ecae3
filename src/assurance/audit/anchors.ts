/**
 * Anchors: evidence about a checkpoint that whoever runs this installation cannot make alone, so that not
 * even they can rewrite history unseen.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Egress, readWhole } from '../../egress.ts'
import { AppError, assert } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { Database } from '../../store/database.ts'
import type { Row } from '../../store/schema.ts'
import { readPublicKey, type SigningKey } from '../signing.ts'
import type { CheckpointNote } from './layout.ts'
import { type Checkpoint, checkpointStatement, latestCheckpoint } from './store.ts'
import { checkTimestamp, timestampRequest } from './timestamp.ts'

export type Anchor = Row<'audit_anchors'>

export function noteOf(checkpoint: Checkpoint): CheckpointNote {
  return {
    organisation: checkpoint.organisation_id,
    seq: checkpoint.seq,
    root: checkpoint.root.toString('hex'),
    signed_at: checkpoint.signed_at.toISOString(),
    signature: checkpoint.signature.toString('base64'),
    fingerprint: checkpoint.fingerprint,
  }
}

/** What an anchor is made over. */
export function statementOf(note: CheckpointNote): Buffer {
  return checkpointStatement(note.organisation, note.seq, note.root, note.signed_at)
}

export function listAnchors(db: Database, organisationId: string): Promise<Anchor[]> {
  return db
    .selectFrom('audit_anchors')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .orderBy('seq')
    .orderBy('at')
    .execute()
}

function addAnchor(
  db: Database,
  checkpoint: Checkpoint,
  anchor: Pick<Anchor, 'kind' | 'made_by' | 'evidence' | 'at'>,
): Promise<Anchor> {
  const { organisation_id, seq } = checkpoint
  return db
    .insertInto('audit_anchors')
    .values({ id: newId('anc'), organisation_id, seq, ...anchor })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** An anchor with what it vouches for: all that is needed to check it alone. */
export async function getAnchor(
  db: Database,
  organisationId: string,
  id: string,
): Promise<{ anchor: Anchor; checkpoint: Checkpoint }> {
  const anchor = await db
    .selectFrom('audit_anchors')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!anchor) throw new AppError('not_found', `There is no anchor ${id}.`)
  const checkpoint = await latestCheckpoint(db, organisationId, anchor.seq)
  assert(checkpoint?.seq === anchor.seq, 'an anchor is of a checkpoint')
  return { anchor, checkpoint: checkpoint! }
}

/** Keeps a second person's signature over a checkpoint. Their private key never comes here. */
export async function addCountersignature(
  db: Database,
  checkpoint: Checkpoint,
  given: { publicKey: string; signature: string },
  own: SigningKey,
  now: Date,
): Promise<Anchor> {
  const key = readPublicKey(given.publicKey)
  if (key.fingerprint === own.fingerprint) {
    throw new AppError(
      'invalid_request',
      "That is this installation's own key. A countersignature is a second person's.",
      { param: 'public_key' },
    )
  }
  const signature = Buffer.from(given.signature, 'base64')
  if (!key.verify(statementOf(noteOf(checkpoint)), signature)) {
    throw new AppError(
      'invalid_request',
      `The signature is not one of this key over checkpoint ${checkpoint.seq}.`,
      { param: 'signature' },
    )
  }
  return addAnchor(db, checkpoint, {
    kind: 'countersignature',
    made_by: key.spki,
    evidence: signature,
    at: now,
  })
}

const answerBytesMax = 2 ** 16

/** Has a time-stamping authority vouch for a checkpoint (RFC 3161). */
export async function timestampCheckpoint(
  db: Database,
  checkpoint: Checkpoint,
  { egress, url }: { egress: Egress; url: string },
): Promise<Anchor> {
  const statement = statementOf(noteOf(checkpoint))
  const request = timestampRequest(statement)
  const answer = await egress.fetch(url, {
    purpose: 'audit: time-stamp',
    method: 'POST',
    headers: { 'content-type': 'application/timestamp-query' },
    body: request.body,
    signal: AbortSignal.timeout(30_000),
  })
  const evidence = await readWhole(answer, answerBytesMax)
  if (!answer.ok) throw new AppError('upstream_failed', `${url} answered ${answer.status}.`)
  const { at, nonce } = await checkTimestamp(evidence, statement, [])
  if (nonce !== request.nonce) {
    throw new AppError('upstream_failed', `${url} answered another request (its nonce differs).`)
  }
  return addAnchor(db, checkpoint, { kind: 'timestamp', made_by: url, evidence, at })
}

/** Writes a checkpoint to a folder, as a file that is never written twice. */
export async function writeAnchorFile(
  db: Database,
  checkpoint: Checkpoint,
  folder: string,
  now: Date,
): Promise<Anchor> {
  const note = noteOf(checkpoint)
  const path = join(folder, `bastide-audit-${note.organisation}-${note.seq}.json`)
  await mkdir(folder, { recursive: true })
  const text = `${JSON.stringify(note)}\n`
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o444, flush: true })
  } catch (error) {
    // Written by a server that ended before it could note it down; anything else there is not ours.
    const isOurs = (await readFile(path, 'utf8').catch(() => null)) === text
    if (!isOurs) throw error
  }
  return addAnchor(db, checkpoint, {
    kind: 'file',
    made_by: path,
    evidence: Buffer.from(text),
    at: now,
  })
}
