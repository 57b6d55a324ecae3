/** How long a workspace keeps files, documents, batches and answers. */

import { z } from 'zod'
import type { Database } from '../../store/database.ts'
import {
  listRetention,
  type RetentionRule,
  retentionKinds,
  setRetention,
} from '../../store/retention.ts'
import type { Change } from '../change.ts'
import { listBody, pageOf, wholeList } from '../paging.ts'
import { type Route, route } from '../route.ts'
import { listAnswer } from '../shapes.ts'

export interface RetentionRouteParts {
  db: Database
  change: Change
  /** Removes at once what the workspace's rules no longer keep. */
  apply(workspaceId: string): Promise<void>
}

function ruleBody({ kind, days, changed_at }: RetentionRule) {
  return { object: 'retention_rule', kind, days, changed_at }
}

export function retentionRoutes({ db, change, apply }: RetentionRouteParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/retention',
      guard: 'retention:read',
      summary: 'How long the workspace keeps what it was given',
      tag: 'Retention',
      query: wholeList('asc'),
      response: listAnswer,
      handler: async ({ scope, query }) => {
        const placeOf = ({ kind }: RetentionRule) => kind
        const page = pageOf(await listRetention(db, scope), placeOf, query, 'asc')
        return listBody(page, ruleBody, placeOf)
      },
    }),
    route({
      method: 'PUT',
      path: '/v1/retention',
      guard: 'retention:write',
      summary: 'Keep a kind for so many days, or, with null, until somebody removes it',
      tag: 'Retention',
      body: z.strictObject({
        kind: z.enum(retentionKinds),
        days: z.number().int().min(1).max(36_500).nullable(),
      }),
      handler: async (incoming) => {
        const { kind, days } = incoming.body
        await change(incoming, 'retention.set', async (transaction) => {
          await setRetention(transaction, incoming.scope, kind, days)
          return { result: null, subject: { kind: 'retention', id: kind }, details: { days } }
        })
        // What is over age already goes now; later it goes within the hour.
        await apply(incoming.scope.workspaceId)
        return { object: 'retention_rule', kind, days }
      },
    }),
  ]
}
