/** Health, overview, metrics, egress. */

import { z } from 'zod'
import {
  addEgressRule,
  type EgressBook,
  listDestinations,
  listEgressRules,
  removeEgressRule,
} from '../../assurance/egress-book.ts'
import { usagePerMinute, usageTotal } from '../../compute/ledger/usage.ts'
import type { Metrics } from '../../compute/metrics.ts'
import type { Door } from '../../inference/door.ts'
import type { Engines } from '../../inference/engines.ts'
import type { Database } from '../../store/database.ts'
import type { Row } from '../../store/schema.ts'
import type { Change } from '../change.ts'
import { byId, ids, listBody, pageOf, wholeList, wishOf } from '../paging.ts'
import { type Route, route } from '../route.ts'
import { idParams, listAnswer } from '../shapes.ts'

export interface OperationsRouteParts {
  db: Database
  door: Door
  engines: Engines
  metrics: Metrics
  egressBook: EgressBook
  change: Change
  version: string
  startedAt: Date
  engineBudgetBytes: number
  /** False from the moment the server is told to stop. */
  isReady(): boolean
}

export interface HealthLine {
  name: string
  state: 'ok' | 'degraded' | 'down'
  detail: string
}

/** Who asks for health wants an answer now, above all when the database has none. */
const healthPatienceMs = 1_000

async function databaseHealth(db: Database): Promise<HealthLine> {
  const startedAt = performance.now()
  try {
    const asked = db.selectFrom('installation').select('name').limit(1).execute()
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('no answer in time')), healthPatienceMs).unref()
    })
    await Promise.race([asked, late])
    const ms = performance.now() - startedAt
    return { name: 'database', state: 'ok', detail: `answers in ${ms.toFixed(1)} ms` }
  } catch {
    // The caller's question is whether it answers; the log has the error from where it hurt.
    return { name: 'database', state: 'down', detail: 'does not answer' }
  }
}

export function healthRoutes(parts: OperationsRouteParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/health',
      guard: 'public',
      summary: 'Whether the server can serve',
      tag: 'Operations',
      response: z.object({ status: z.enum(['ok', 'degraded', 'stopping']) }),
      handler: async () => {
        const database = await databaseHealth(parts.db)
        if (!parts.isReady()) return Response.json({ status: 'stopping' }, { status: 503 })
        if (database.state === 'ok') return { status: 'ok' }
        return Response.json({ status: 'degraded' }, { status: 503 })
      },
    }),
    route({
      method: 'GET',
      path: '/metrics',
      guard: 'overview:read',
      summary: 'Prometheus metrics',
      tag: 'Operations',
      answers: ['text/plain'],
      handler: async () => {
        const text = await parts.metrics.registry.metrics()
        return new Response(text, {
          headers: { 'content-type': parts.metrics.registry.contentType },
        })
      },
    }),
  ]
}

export function overviewRoutes(parts: OperationsRouteParts): Route[] {
  const { db, door, engines } = parts
  return [
    route({
      method: 'GET',
      path: '/v1/overview',
      guard: 'overview:read',
      summary: 'What is going on now, and what today has cost',
      tag: 'Operations',
      handler: async ({ scope }) => {
        const now = new Date()
        const midnight = new Date(Math.floor(now.getTime() / 86_400_000) * 86_400_000)
        const [database, today, minutes] = await Promise.all([
          databaseHealth(db),
          usageTotal(db, scope, { from: midnight, to: new Date(now.getTime() + 1000) }),
          usagePerMinute(db, scope, now, 60),
        ])
        const loaded = engines.all().flatMap((engine) =>
          engine.loaded().map((model) => ({
            name: model.name,
            hash: model.hash,
            engine: engine.name,
            memory_bytes: model.memoryBytes,
            active_requests: model.activeRequests,
            last_used_at: new Date(model.lastUsedAt),
          })),
        )
        const live = door.live().filter((call) => call.scope.workspaceId === scope.workspaceId)
        const counts = door.counts()
        const lastMinute = minutes.at(-1)?.row
        return {
          version: parts.version,
          started_at: parts.startedAt,
          uptime_seconds: (now.getTime() - parts.startedAt.getTime()) / 1000,
          health: [
            database,
            ...engines.health().map((one) => ({ ...one, name: `engine ${one.name}` })),
          ],
          requests: {
            active: live.filter((call) => call.state === 'running').length,
            queued: live.filter((call) => call.state === 'queued').length,
            active_everywhere: counts.active,
            queued_everywhere: counts.queued,
            completed_last_minute: (lastMinute?.requests ?? 0) - (lastMinute?.failed ?? 0),
            failed_last_minute: lastMinute?.failed ?? 0,
            live: live.map((call) => ({
              id: call.id,
              model: call.model,
              task: call.task,
              principal: call.scope.actor.name,
              started_at: new Date(call.startedAt),
              state: call.state,
              output_tokens: call.outputTokens,
            })),
          },
          models_loaded: loaded,
          memory: {
            process_bytes: process.memoryUsage.rss(),
            engines_bytes: loaded.reduce((sum, model) => sum + model.memory_bytes, 0),
            budget_bytes: parts.engineBudgetBytes,
          },
          today,
          series: {
            minutes: minutes.map(({ at }) => at / 1000),
            requests: minutes.map(({ row }) => row?.requests ?? 0),
            joules: minutes.map(({ row }) => row?.joules ?? 0),
            p95_ms: minutes.map(({ row }) =>
              row?.p95_seconds == null ? null : row.p95_seconds * 1000,
            ),
          },
        }
      },
    }),
  ]
}

function ruleBody(rule: Row<'egress_rules'>) {
  return {
    id: rule.id,
    object: 'egress_rule',
    host: rule.host,
    port: rule.port,
    allow_private: rule.allow_private,
    created_at: rule.created_at,
    created_by: rule.created_by,
  }
}

export function egressRoutes({ db, egressBook, change }: OperationsRouteParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/egress/rules',
      guard: 'egress:read',
      summary: 'Where the server may connect to',
      tag: 'Egress',
      query: wholeList('asc'),
      response: listAnswer,
      handler: async ({ scope, query }) =>
        listBody(await listEgressRules(db, scope, wishOf(query, ids('egr'))), ruleBody, byId),
    }),
    route({
      method: 'POST',
      path: '/v1/egress/rules',
      guard: 'egress:write',
      summary: 'Allow one destination',
      tag: 'Egress',
      status: 201,
      body: z.strictObject({
        host: z.string().min(1).max(253),
        port: z.number().int().min(1).max(65_535),
        /** Needed where the host is, or resolves to, a loopback or private address. */
        allow_private: z.boolean().default(false),
      }),
      handler: async (incoming) => {
        const { host, port, allow_private: allowPrivate } = incoming.body
        const rule = await change(incoming, 'egress.allow', async (transaction) => {
          const wanted = { host, port, allowPrivate }
          const added = await addEgressRule(transaction, incoming.scope, wanted)
          const subject = { kind: 'destination', id: `${added.host}:${added.port}` }
          return { result: added, subject, details: { allow_private: allowPrivate } }
        })
        egressBook.forget()
        return ruleBody(rule)
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/egress/rules/{id}',
      guard: 'egress:write',
      summary: 'Stop allowing a destination',
      tag: 'Egress',
      params: idParams,
      handler: async (incoming) => {
        await change(incoming, 'egress.disallow', async (transaction) => {
          const rule = await removeEgressRule(transaction, incoming.scope, incoming.params.id)
          return {
            result: null,
            subject: { kind: 'destination', id: `${rule.host}:${rule.port}` },
          }
        })
        egressBook.forget()
        return null
      },
    }),
    route({
      method: 'GET',
      path: '/v1/egress/destinations',
      guard: 'egress:read',
      summary: 'Every destination ever attempted',
      tag: 'Egress',
      query: wholeList('desc'),
      response: listAnswer,
      handler: async ({ query }) => {
        await egressBook.flush()
        const placeOf = (one: Row<'egress_destinations'>) =>
          `${one.host}:${one.port}:${one.outcome}`
        const page = pageOf(await listDestinations(db), placeOf, query, 'desc')
        return listBody(page, (row) => row, placeOf)
      },
    }),
  ]
}
