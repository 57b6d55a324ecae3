/** The six routes of one kind of SCIM resource (RFC 7644, section 3): list, make, read, replace, patch, remove. */
import { z } from 'zod'
import type { Authenticator } from '../../access/authenticate.ts'
import type { RoleChange } from '../../access/identity/groups.ts'
import type { Scope } from '../../access/scope.ts'
import type { Database, DatabaseTransaction } from '../../store/database.ts'
import type { Asking, Change, RecordChange } from '../change.ts'
import { parseShape } from '../errors.ts'
import { originOf } from '../public-address.ts'
import { recordRoleChanges } from '../role-changes.ts'
import { type Route, route } from '../route.ts'
import { idParams } from '../shapes.ts'
import { answer, common, listed, listQuery, patched, type Resource } from './answers.ts'
import { patchShape } from './resources.ts'

export interface ScimParts {
  db: Database
  authenticator: Authenticator
  change: Change
  record: RecordChange
  publicUrl: string
}

/** What was made, changed or removed. */
export interface Moved {
  id: string
  details: Record<string, unknown>
  /** The memberships that moved with it. */
  changes: RoleChange[]
}

/** What users and groups differ in. */
export interface ScimKind {
  place: 'Users' | 'Groups'
  word: 'user' | 'group'
  subject: 'member' | 'group'
  all(db: Database, scope: Scope, origin: string): Promise<Resource[]>
  one(db: Database, scope: Scope, id: string, origin: string): Promise<Resource>
  /** Holds it until the transaction ends. */
  lock(db: DatabaseTransaction, id: string): Promise<void>
  create(db: DatabaseTransaction, scope: Scope, value: unknown): Promise<Moved>
  replace(db: DatabaseTransaction, scope: Scope, id: string, value: unknown): Promise<Moved>
  remove(db: DatabaseTransaction, scope: Scope, id: string): Promise<Moved>
}

const anyBody = z.looseObject({})

export function scimKindRoutes(parts: ScimParts, kind: ScimKind): Route[] {
  const { db, authenticator, change, record, publicUrl } = parts
  const { place, word } = kind
  const path = `/scim/v2/${place}`
  const onePath = `${path}/{id}`

  /** Makes a change of the directory, with the role changes that follow from it. */
  async function changed(
    asking: Asking,
    verb: string,
    make: (transaction: DatabaseTransaction) => Promise<Moved>,
  ): Promise<string> {
    const id = await change(asking, `directory.${verb}_${word}`, async (transaction) => {
      const made = await make(transaction)
      await recordRoleChanges(transaction, record, asking, made.changes)
      const subject = { kind: kind.subject, id: made.id }
      return { result: made.id, subject, details: made.details }
    })
    authenticator.forget()
    return id
  }

  const shown = async (scope: Scope, id: string, request: Request, status?: number) =>
    answer(await kind.one(db, scope, id, originOf(request, publicUrl)), status)

  return [
    route({
      ...common,
      method: 'GET',
      path,
      summary: `List or find ${word}s (SCIM)`,
      query: listQuery,
      handler: async ({ scope, query, request }) =>
        listed(await kind.all(db, scope, originOf(request, publicUrl)), query),
    }),
    route({
      ...common,
      method: 'POST',
      path,
      summary: `Make a ${word} (SCIM)`,
      body: anyBody,
      handler: async (incoming) => {
        const { scope, body, request } = incoming
        const id = await changed(incoming, 'create', (transaction) =>
          kind.create(transaction, scope, body),
        )
        return shown(scope, id, request, 201)
      },
    }),
    route({
      ...common,
      method: 'GET',
      path: onePath,
      summary: `A ${word} (SCIM)`,
      params: idParams,
      handler: ({ scope, params, request }) => shown(scope, params.id, request),
    }),
    route({
      ...common,
      method: 'PUT',
      path: onePath,
      summary: `Replace a ${word} (SCIM)`,
      params: idParams,
      body: anyBody,
      handler: async (incoming) => {
        const { scope, params, body, request } = incoming
        await changed(incoming, 'update', async (transaction) => {
          await kind.lock(transaction, params.id)
          return kind.replace(transaction, scope, params.id, body)
        })
        return shown(scope, params.id, request)
      },
    }),
    route({
      ...common,
      method: 'PATCH',
      path: onePath,
      summary: `Change a ${word} (SCIM)`,
      params: idParams,
      body: anyBody,
      handler: async (incoming) => {
        const { scope, params, request } = incoming
        const operations = parseShape(patchShape, incoming.body, 'body')
        await changed(incoming, 'update', async (transaction) => {
          await kind.lock(transaction, params.id)
          const origin = originOf(request, publicUrl)
          const current = await kind.one(transaction, scope, params.id, origin)
          return kind.replace(transaction, scope, params.id, patched(current, operations))
        })
        return shown(scope, params.id, request)
      },
    }),
    route({
      ...common,
      method: 'DELETE',
      path: onePath,
      summary: `Remove a ${word} (SCIM)`,
      params: idParams,
      handler: async (incoming) => {
        await changed(incoming, 'remove', (transaction) =>
          kind.remove(transaction, incoming.scope, incoming.params.id),
        )
        return null
      },
    }),
  ]
}
