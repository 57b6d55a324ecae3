/** Models from Hugging Face and OCI registries, fetched by the server; and what failed a check. */

import { AppError } from '../../errors.ts'
import type { Quarantine } from '../../models/quarantine.ts'
import {
  type ImportInput,
  type ImportResult,
  importInputSchema,
  importKind,
  progressUnitBytes,
} from '../../models/source/import.ts'
import { parseSource } from '../../models/source/source.ts'
import type { Also } from '../../store/database.ts'
import type { Run, Runs } from '../../store/runs.ts'
import type { Asking, Change, RecordChange } from '../change.ts'
import { byId, ids, listBody, pageQuery, wholeList, wishOf } from '../paging.ts'
import { type Route, route } from '../route.ts'
import { idParams, listAnswer } from '../shapes.ts'

export interface ModelImportRouteParts {
  runs: Runs
  quarantine: Quarantine
  record: RecordChange
  change: Change
}

function importBody(run: Run) {
  const { source, ...wish } = run.input as ImportInput
  const result = run.result as ImportResult | null
  const bytes = (units: number | null) => (units === null ? null : units * progressUnitBytes)
  return {
    id: run.id,
    object: 'model_import',
    source,
    /** What was asked for besides; sent again with the source, it asks for the same. */
    wish,
    alias: result?.alias ?? wish.alias ?? null,
    status: run.status,
    /** To the next kilobyte. */
    done_bytes: bytes(run.progress_done),
    total_bytes: bytes(run.progress_total),
    package: result?.package ?? null,
    origin: result?.source ?? null,
    error: run.error,
    created_at: run.created_at,
    started_at: run.started_at,
    finished_at: run.finished_at,
  }
}

export function modelImportRoutes(parts: ModelImportRouteParts): Route[] {
  const { runs, quarantine } = parts
  const told =
    (asking: Asking, kind: string): Also<Run> =>
    (transaction, run) =>
      parts.record(transaction, asking, kind, {
        subject: { kind: 'run', id: run.id },
        details: { source: (run.input as ImportInput).source },
      })

  return [
    route({
      method: 'POST',
      path: '/v1/model-imports',
      guard: 'models:write',
      summary: 'Fetch a model from Hugging Face or an OCI registry; its servers need egress rules',
      tag: 'Models',
      status: 202,
      body: importInputSchema,
      handler: async (incoming) => {
        const { scope, body } = incoming
        parseSource(body.source)
        if (body.alias && !scope.permissions.has('aliases:write')) {
          throw new AppError('forbidden', 'Setting an alias needs the permission aliases:write.')
        }
        // Whoever names a secret and a server sends the one to the other.
        if (body.secret && !scope.permissions.has('secrets:write')) {
          throw new AppError('forbidden', 'Naming a secret needs the permission secrets:write.')
        }
        const wanted = { kind: importKind, input: body }
        return importBody(await runs.create(scope, wanted, told(incoming, 'model-import.start')))
      },
    }),
    route({
      method: 'GET',
      path: '/v1/model-imports',
      guard: 'models:read',
      summary: 'Imports of this workspace, newest first',
      tag: 'Models',
      query: pageQuery('desc'),
      response: listAnswer,
      handler: async ({ scope, query }) => {
        const page = await runs.list(scope, { kind: importKind, ...wishOf(query, ids('run')) })
        return listBody(page, importBody, byId)
      },
    }),
    route({
      method: 'GET',
      path: '/v1/model-imports/{id}',
      guard: 'models:read',
      summary: 'One import',
      tag: 'Models',
      params: idParams,
      handler: async ({ scope, params }) =>
        importBody(await runs.get(scope, importKind, params.id)),
    }),
    route({
      method: 'POST',
      path: '/v1/model-imports/{id}/cancel',
      guard: 'models:write',
      summary: 'Stop an import; what has come of it is removed',
      tag: 'Models',
      params: idParams,
      handler: async (incoming) => {
        const { scope, params } = incoming
        const also = told(incoming, 'model-import.cancel')
        return importBody(await runs.cancel(scope, importKind, params.id, also))
      },
    }),
    route({
      method: 'GET',
      path: '/v1/quarantine',
      guard: 'models:read',
      summary: 'Model files that failed a check, and why',
      tag: 'Models',
      query: wholeList('desc'),
      response: listAnswer,
      handler: async ({ query }) =>
        listBody(await quarantine.list(wishOf(query, ids('qua'))), (row) => row, byId),
    }),
    route({
      method: 'DELETE',
      path: '/v1/quarantine/{id}',
      guard: 'models:write',
      summary: 'Remove such a file for good',
      tag: 'Models',
      params: idParams,
      handler: async (incoming) => {
        await parts.change(incoming, 'quarantine.remove', async (transaction) => {
          const removed = await quarantine.remove(transaction, incoming.params.id)
          return {
            result: null,
            subject: { kind: 'quarantine', id: removed.id },
            details: { sha256: removed.sha256 },
          }
        })
        return null
      },
    }),
  ]
}
