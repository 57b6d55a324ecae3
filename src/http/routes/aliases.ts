/** Aliases: the names programs call models by; promotion and rollback with their history. */

import { z } from 'zod'
import { AppError } from '../../errors.ts'
import {
  aliasHistory,
  listAliases,
  moveAlias,
  type Registry,
  rollbackTarget,
} from '../../models/registry.ts'
import type { Database } from '../../store/database.ts'
import type { Change } from '../change.ts'
import { listBody, pageOf, wholeList } from '../paging.ts'
import { type Route, route } from '../route.ts'
import { listAnswer, modelNameParams } from '../shapes.ts'

/** The package the caller saw the alias point at: where it has moved meanwhile, nothing is done. */
const believed = z.string().max(100).optional()

export interface AliasRouteParts {
  db: Database
  registry: Registry
  change: Change
}

export function aliasRoutes({ db, registry, change }: AliasRouteParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/aliases',
      guard: 'models:read',
      summary: 'List aliases',
      tag: 'Models',
      query: wholeList('asc'),
      response: listAnswer,
      handler: async ({ scope, query }) => {
        const packages = await registry.list(scope.organisationId)
        const names = new Map(packages.map((model) => [model.hash, model.manifest.name]))
        const rows = await listAliases(db, scope.organisationId)
        const placeOf = ({ name }: { name: string }) => name
        const page = pageOf(rows, placeOf, query, 'asc')
        const bodyOf = (row: (typeof rows)[number]) => ({
          name: row.name,
          object: 'alias',
          package: row.package_hash,
          package_name: names.get(row.package_hash) ?? null,
          updated_at: row.updated_at,
          updated_by: row.updated_by,
        })
        return listBody(page, bodyOf, placeOf)
      },
    }),
    route({
      method: 'PUT',
      path: '/v1/aliases/{name}',
      guard: 'aliases:write',
      summary: 'Point an alias at a package (promotion)',
      tag: 'Models',
      params: modelNameParams,
      body: z.strictObject({
        package: z.string(),
        note: z.string().max(2000).optional(),
        from: believed,
      }),
      handler: async (incoming) => {
        const { scope, params, body } = incoming
        const { organisationId } = scope
        const model = await registry.resolve(organisationId, body.package)
        if (model.refusal) {
          throw new AppError('forbidden', `It may not be loaded: ${model.refusal}.`)
        }
        if (model.aliases.includes(params.name)) return { name: params.name, package: model.hash }
        await change(incoming, 'alias.promote', async (transaction) => {
          const move = { organisationId, name: params.name, packageHash: model.hash }
          const by = scope.actor.id
          const { note, from } = body
          await moveAlias(transaction, { ...move, by, action: 'promote', note, from })
          const details = { package: model.hash, note: body.note }
          return { result: null, subject: { kind: 'alias', id: params.name }, details }
        })
        registry.forget()
        return { name: params.name, object: 'alias', package: model.hash }
      },
    }),
    route({
      method: 'POST',
      path: '/v1/aliases/{name}/rollback',
      guard: 'aliases:write',
      summary: 'Point an alias back at the package before',
      tag: 'Models',
      params: modelNameParams,
      query: z.looseObject({ from: believed }),
      handler: async (incoming) => {
        const { scope, params, query } = incoming
        const { organisationId } = scope
        const target = await change(incoming, 'alias.rollback', async (transaction) => {
          const packageHash = await rollbackTarget(transaction, organisationId, params.name)
          const by = scope.actor.id
          const move = { organisationId, name: params.name, packageHash, by }
          await moveAlias(transaction, { ...move, action: 'rollback', from: query.from })
          const subject = { kind: 'alias', id: params.name }
          return { result: packageHash, subject, details: { package: packageHash } }
        })
        registry.forget()
        return { name: params.name, object: 'alias', package: target }
      },
    }),
    route({
      method: 'GET',
      path: '/v1/aliases/{name}/history',
      guard: 'models:read',
      summary: 'What an alias pointed at, newest first',
      tag: 'Models',
      params: modelNameParams,
      query: wholeList('desc'),
      response: listAnswer,
      handler: async ({ scope, params, query }) => {
        const rows = await aliasHistory(db, scope.organisationId, params.name)
        const placeOf = ({ id }: { id: number }) => String(id)
        const page = pageOf(rows, placeOf, query, 'desc')
        const bodyOf = (row: (typeof rows)[number]) => ({
          package: row.package_hash,
          package_name: row.package_name,
          at: row.at,
          by: row.by,
          action: row.action,
          note: row.note,
        })
        return listBody(page, bodyOf, placeOf)
      },
    }),
  ]
}
