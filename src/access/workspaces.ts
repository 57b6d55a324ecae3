/** The organisation and its workspaces. */

import { AppError } from '../errors.ts'
import { newId } from '../ids.ts'
import { type Database, isUniqueViolation } from '../store/database.ts'
import { type Page, type PageWish, pageBy } from '../store/paging.ts'
import { firstRetention } from '../store/retention.ts'
import type { Row } from '../store/schema.ts'
import { insertKey } from './keys.ts'
import { permissionsOf } from './permissions.ts'
import type { Scope } from './scope.ts'

/**
 * Makes the first organisation, its workspace, its audit chain and the first owner key, in one
 * transaction. Returns the key's secret, or null when the installation has been set up before.
 */
export async function setUpInstallation(db: Database, names: { organisation: string }) {
  return db.transaction().execute(async (transaction) => {
    const existing = await transaction.selectFrom('organisations').select('id').executeTakeFirst()
    if (existing) return null
    const organisationId = newId('org')
    const workspaceId = newId('ws')
    await transaction
      .insertInto('organisations')
      .values({ id: organisationId, name: names.organisation })
      .execute()
    await transaction
      .insertInto('workspaces')
      .values({ id: workspaceId, organisation_id: organisationId, name: 'default', is_home: true })
      .execute()
    await firstRetention(transaction, workspaceId)
    await transaction
      .insertInto('audit_heads')
      .values({ organisation_id: organisationId, seq: 0, link: Buffer.alloc(32) })
      .execute()
    const { key, secret } = await insertKey(transaction, {
      organisationId,
      workspaceId,
      createdBy: null,
      name: 'first owner key',
      role: 'owner',
    })
    return { organisationId, workspaceId, key, secret }
  })
}

export async function describeScope(db: Database, scope: Scope) {
  return db
    .selectFrom('workspaces')
    .innerJoin('organisations', 'organisations.id', 'workspaces.organisation_id')
    .select([
      'organisations.name as organisationName',
      'workspaces.name as workspaceName',
      'workspaces.id as workspaceId',
      'organisations.id as organisationId',
    ])
    .where('workspaces.id', '=', scope.workspaceId)
    .executeTakeFirstOrThrow()
}

export function listWorkspaces(
  db: Database,
  scope: Scope,
  wish: PageWish,
): Promise<Page<Row<'workspaces'>>> {
  const workspaces = db
    .selectFrom('workspaces')
    .selectAll()
    .where('organisation_id', '=', scope.organisationId)
    .where('erased_at', 'is', null)
  return pageBy(workspaces, 'id', wish)
}

/** What holds a maker back holds what they make back too. */
function narrowedAs({ permissions, allowedModels, allowedDataClasses }: Scope) {
  const whole = permissionsOf('owner', false)
  return {
    ...(!whole.isSubsetOf(permissions) && { scopes: [...whole.intersection(permissions)] }),
    ...(allowedModels && { allowedModels: [...allowedModels] }),
    ...(allowedDataClasses && { allowedDataClasses: [...allowedDataClasses] }),
  }
}

/** Makes a workspace and, as its only way in, a key for it that can do what its maker can, an owner's at most. */
export async function createWorkspace(db: Database, scope: Scope, name: string) {
  const id = newId('ws')
  try {
    const workspace = await db
      .insertInto('workspaces')
      .values({ id, organisation_id: scope.organisationId, name })
      .returningAll()
      .executeTakeFirstOrThrow()
    await firstRetention(db, id)
    const { key, secret } = await insertKey(db, {
      organisationId: scope.organisationId,
      workspaceId: id,
      createdBy: scope.actor.id,
      name: `owner of ${name}`,
      role: 'owner',
      ...narrowedAs(scope),
    })
    return { workspace, key, secret }
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new AppError('conflict', `A workspace named "${name}" exists already.`, { param: 'name' })
  }
}
