/** Reads of the audit chain, and its signed checkpoints. */

import { sql } from 'kysely'
import type { Scope } from '../../access/scope.ts'
import type { Database } from '../../store/database.ts'
import { isUniqueViolation } from '../../store/database.ts'
import { type PageWish, pageBy } from '../../store/paging.ts'
import type { Row } from '../../store/schema.ts'
import type { SigningKey } from '../signing.ts'
import { appendLink, emptyFrontier, type Frontier, merkleRoot } from './chain.ts'
import { checkpointText, linkBytes } from './layout.ts'
import type { AuditBody, AuditEvent } from './record.ts'

export interface AuditRecord {
  seq: number
  body: AuditBody
  digest: Buffer
  link: Buffer
}

/** Small, so that calls need not wait long for the database while a long chain is read. */
const pageRows = 250

function toRecord(row: Pick<Row<'audit_records'>, 'seq' | 'body' | 'digest' | 'link'>) {
  return {
    seq: row.seq,
    body: JSON.parse(row.body) as AuditBody,
    digest: row.digest,
    link: row.link,
  }
}

/** All records from a number on, in order, read in pages. */
export async function* readChain(
  db: Database,
  organisationId: string,
  afterSeq = 0,
  throughSeq = Number.MAX_SAFE_INTEGER,
): AsyncGenerator<AuditRecord> {
  for (let after = afterSeq; ; ) {
    const rows = await db
      .selectFrom('audit_records')
      .select(['seq', 'body', 'digest', 'link'])
      .where('organisation_id', '=', organisationId)
      .where('seq', '>', after)
      .where('seq', '<=', throughSeq)
      .orderBy('seq')
      .limit(pageRows)
      .execute()
    for (const row of rows) yield toRecord(row)
    if (rows.length < pageRows) return
    after = rows.at(-1)!.seq
  }
}

/** The links after a number, in order, 32 bytes each; what a checkpoint covers, without the bodies. */
async function* readLinks(
  db: Database,
  organisationId: string,
  afterSeq: number,
  throughSeq: number,
): AsyncGenerator<Buffer> {
  for (let after = afterSeq; after < throughSeq; after += pageRows) {
    const { rows } = await sql<{ links: Buffer }>`
      select coalesce(string_agg(link, ''::bytea order by seq), '') as links from audit_records
      where organisation_id = ${organisationId}
        and seq > ${after} and seq <= ${Math.min(after + pageRows, throughSeq)}`.execute(db)
    const { links } = rows[0]!
    for (let at = 0; at < links.length; at += linkBytes) yield links.subarray(at, at + linkBytes)
  }
}

export interface AuditFilter {
  /** One kind, or with `.*` at its end all kinds of a thing. */
  kind?: string | undefined
  /** Id or name of a key or member. */
  actor?: string | undefined
  /** Id of what it was done to, or the kind of such things. */
  subject?: string | undefined
  outcome?: AuditEvent['outcome'] | undefined
  from?: Date | undefined
  /** Exclusive. */
  to?: Date | undefined
}

/** Of the scope's workspace, or, from the home workspace, of all. */
export async function listRecords(db: Database, scope: Scope, filter: AuditFilter, wish: PageWish) {
  let query = db
    .selectFrom('audit_records')
    .leftJoin('keys', 'keys.id', 'audit_records.actor_id')
    .leftJoin('members', 'members.id', 'audit_records.actor_id')
    .select([
      'seq',
      'body',
      'digest',
      'link',
      'keys.name as key_name',
      'members.name as member_name',
    ])
    .where('audit_records.organisation_id', '=', scope.organisationId)
  // Records of other workspaces are theirs; what concerns all stands in the home workspace.
  if (!scope.isHome) query = query.where('audit_records.workspace_id', '=', scope.workspaceId)
  const { kind, actor, subject, outcome, from, to } = filter
  // starts_with and not like: a kind may hold what like takes for a wildcard.
  if (kind?.endsWith('.*'))
    query = query.where(sql<boolean>`starts_with(kind, ${kind.slice(0, -1)})`)
  else if (kind) query = query.where('kind', '=', kind)
  if (actor) {
    query = query.where(({ eb, or }) =>
      or([eb('actor_id', '=', actor), eb('keys.name', '=', actor), eb('members.name', '=', actor)]),
    )
  }
  // json and not jsonb, which refuses a text with U+0000 somewhere else in it.
  if (subject) {
    query = query.where(
      sql<boolean>`${subject} in (body::json #>> '{subject,id}', body::json #>> '{subject,kind}')`,
    )
  }
  if (outcome) query = query.where(sql<boolean>`body::json ->> 'outcome' = ${outcome}`)
  if (from) query = query.where('audit_records.at', '>=', from)
  if (to) query = query.where('audit_records.at', '<', to)
  const { rows, hasMore } = await pageBy(query, 'audit_records.seq', wish)
  const named = rows.map((row) => ({
    ...toRecord(row),
    actorName: row.key_name ?? row.member_name,
  }))
  return { rows: named, hasMore }
}

export async function auditHead(db: Database, organisationId: string) {
  return db
    .selectFrom('audit_heads')
    .leftJoin('audit_records', (join) =>
      join
        .onRef('audit_records.organisation_id', '=', 'audit_heads.organisation_id')
        .onRef('audit_records.seq', '=', 'audit_heads.seq'),
    )
    .select(['audit_heads.seq', 'audit_heads.link', 'audit_records.at'])
    .where('audit_heads.organisation_id', '=', organisationId)
    .executeTakeFirstOrThrow()
}

export type Checkpoint = Row<'audit_checkpoints'>

export function latestCheckpoint(db: Database, organisationId: string, throughSeq?: number) {
  let query = db
    .selectFrom('audit_checkpoints')
    .selectAll()
    .where('organisation_id', '=', organisationId)
  if (throughSeq !== undefined) query = query.where('seq', '<=', throughSeq)
  return query.orderBy('seq', 'desc').executeTakeFirst()
}

export function listCheckpoints(db: Database, organisationId: string): Promise<Checkpoint[]> {
  return db
    .selectFrom('audit_checkpoints')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .orderBy('seq')
    .execute()
}

/** What a checkpoint's signature covers. */
export function checkpointStatement(organisation: string, seq: number, root: string, at: string) {
  return Buffer.from(checkpointText(organisation, seq, root, at))
}

/** Signs the chain up to its head, reading only what came since the last checkpoint. */
export async function makeCheckpoint(
  db: Database,
  organisationId: string,
  key: SigningKey,
  now: Date,
): Promise<Checkpoint | null> {
  const head = await auditHead(db, organisationId)
  const last = await latestCheckpoint(db, organisationId)
  if (head.seq === 0 || last?.seq === head.seq) return last ?? null
  const frontier: Frontier = last
    ? { size: last.seq, roots: last.frontier.map((root) => Buffer.from(root, 'hex')) }
    : emptyFrontier()
  for await (const link of readLinks(db, organisationId, frontier.size, head.seq)) {
    appendLink(frontier, link)
  }
  const root = merkleRoot(frontier)
  const signedAt = now.toISOString()
  const statement = checkpointStatement(organisationId, head.seq, root.toString('hex'), signedAt)
  const checkpoint = {
    organisation_id: organisationId,
    seq: head.seq,
    root,
    frontier: JSON.stringify(frontier.roots.map((one) => one.toString('hex'))),
    signed_at: signedAt,
    signature: key.sign(statement),
    fingerprint: key.fingerprint,
  }
  try {
    return await db
      .insertInto('audit_checkpoints')
      .values(checkpoint)
      .returningAll()
      .executeTakeFirstOrThrow()
  } catch (error) {
    // Another server signed the same head first; its checkpoint is as good.
    if (!isUniqueViolation(error)) throw error
    return (await latestCheckpoint(db, organisationId, head.seq)) ?? null
  }
}
