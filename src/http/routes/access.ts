/** Keys, members, workspaces and limits. */

import { z } from 'zod'
import { type Authenticator, effectivePermissions } from '../../access/authenticate.ts'
import {
  type Budgets,
  createLimit,
  type LimitStatus,
  listLimits,
  removeLimit,
} from '../../access/budgets.ts'
import { createKey, type KeyInfo, listKeys, revokeKey, rotateKey } from '../../access/keys.ts'
import {
  addMember,
  changeMember,
  listMembers,
  type MemberInfo,
  removeMember,
} from '../../access/members.ts'
import { permissions, roles } from '../../access/permissions.ts'
import { windowEnd } from '../../access/windows.ts'
import { createWorkspace, listWorkspaces } from '../../access/workspaces.ts'
import { type ErasureParts, eraseWorkspace, listErasures } from '../../assurance/erasure.ts'
import { AppError } from '../../errors.ts'
import type { Role } from '../../store/schema.ts'
import type { Change } from '../change.ts'
import { byId, ids, listBody, wholeList, wishOf } from '../paging.ts'
import { type Route, route } from '../route.ts'
import { idParams, listAnswer } from '../shapes.ts'

const keyDaysMax = 3650

export interface AccessRouteParts extends ErasureParts {
  authenticator: Authenticator
  budgets: Budgets
  change: Change
}

const role = z.enum(roles as [Role, ...Role[]])
const name = z.string().trim().min(1).max(200)

function keyBody(key: KeyInfo) {
  const { revoked_at: revoked, expires_at: expires } = key
  const expired = expires !== null && expires.getTime() <= Date.now()
  return {
    id: key.id,
    object: 'key',
    name: key.name,
    prefix: key.prefix,
    role: key.role,
    // What the role names; in a workspace other than the home one it has less.
    scopes: key.scopes ?? [...effectivePermissions(key.role, null, null, true)],
    allowed_models: key.allowed_models,
    allowed_data_classes: key.allowed_data_classes,
    member: key.member_id,
    state: revoked ? 'revoked' : expired ? 'expired' : 'active',
    created_at: key.created_at,
    expires_at: expires,
    revoked_at: revoked,
    last_used_at: key.last_used_at,
    rotated_to: key.rotated_to,
  }
}

function memberBody({ createdAt, ...member }: MemberInfo) {
  return { object: 'member', ...member, created_at: createdAt }
}

export function keyRoutes({ db, authenticator, budgets, change }: AccessRouteParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/keys',
      guard: 'keys:read',
      summary: 'List the keys of the workspace',
      tag: 'Access',
      query: wholeList('asc'),
      response: listAnswer,
      handler: async ({ scope, query }) =>
        listBody(await listKeys(db, scope, wishOf(query, ids('key'))), keyBody, byId),
    }),
    route({
      method: 'POST',
      path: '/v1/keys',
      guard: 'keys:write',
      summary: 'Make a key; its secret is in this answer only',
      tag: 'Access',
      status: 201,
      body: z.strictObject({
        name,
        role: role.default('member'),
        scopes: z.array(z.enum(permissions)).optional(),
        allowed_models: z.array(z.string().max(200)).max(200).optional(),
        allowed_data_classes: z.array(z.string().max(100)).max(100).optional(),
        expires_at: z.coerce.date().optional(),
        expires_in_days: z.number().positive().max(keyDaysMax).optional(),
        member: z.string().optional(),
      }),
      handler: async (incoming) => {
        const { scope, body } = incoming
        const days = body.expires_in_days
        const expiresAt = days ? new Date(Date.now() + days * 86_400_000) : body.expires_at
        if (expiresAt && expiresAt.getTime() <= Date.now()) {
          throw new AppError('invalid_request', 'The key would have expired already.', {
            param: 'expires_at',
          })
        }
        if (expiresAt && expiresAt.getTime() > Date.now() + keyDaysMax * 86_400_000) {
          throw new AppError(
            'invalid_request',
            `A key lives ${keyDaysMax} days at most, or has no end.`,
            { param: 'expires_at' },
          )
        }
        const made = await change(incoming, 'key.create', async (transaction) => {
          const created = await createKey(transaction, scope, {
            name: body.name,
            role: body.role,
            scopes: body.scopes,
            allowedModels: body.allowed_models,
            allowedDataClasses: body.allowed_data_classes,
            expiresAt,
            memberId: body.member,
          })
          const details = {
            role: body.role,
            scopes: body.scopes,
            expires_at: expiresAt?.toISOString(),
          }
          return { result: created, subject: { kind: 'key', id: created.key.id }, details }
        })
        return { ...keyBody(made.key), key: made.secret }
      },
    }),
    route({
      method: 'POST',
      path: '/v1/keys/{id}/rotate',
      guard: 'keys:write',
      summary: 'Make a key that takes over; the old one works on for a while',
      tag: 'Access',
      status: 201,
      params: idParams,
      body: z.strictObject({
        overlap_hours: z
          .number()
          .min(0)
          .max(24 * 90)
          .default(24),
      }),
      handler: async (incoming) => {
        const { scope, params, body } = incoming
        const made = await change(incoming, 'key.rotate', async (transaction) => {
          const result = await rotateKey(transaction, scope, params.id, body.overlap_hours)
          const details = {
            to: result.key.id,
            old_expires_at: result.old.expires_at!.toISOString(),
          }
          return { result, subject: { kind: 'key', id: params.id }, details }
        })
        authenticator.forget()
        // The successor may be under limits, where no key with its name was before.
        await budgets.forget()
        return { ...keyBody(made.key), key: made.secret, rotated_from: keyBody(made.old) }
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/keys/{id}',
      guard: 'keys:write',
      summary: 'Revoke a key',
      tag: 'Access',
      params: idParams,
      handler: async (incoming) => {
        const revoked = await change(incoming, 'key.revoke', async (transaction) => {
          const key = await revokeKey(transaction, incoming.scope, incoming.params.id)
          return { result: key, subject: { kind: 'key', id: key.id } }
        })
        authenticator.forget()
        return keyBody(revoked)
      },
    }),
  ]
}

export function memberRoutes(parts: AccessRouteParts): Route[] {
  const { db, authenticator, budgets, change } = parts
  return [
    route({
      method: 'GET',
      path: '/v1/members',
      guard: 'members:read',
      summary: 'List the members of the workspace',
      tag: 'Access',
      query: wholeList('asc'),
      response: listAnswer,
      handler: async ({ scope, query }) =>
        listBody(await listMembers(db, scope, wishOf(query, ids('mem'))), memberBody, byId),
    }),
    route({
      method: 'POST',
      path: '/v1/members',
      guard: 'members:write',
      summary: 'Add a member',
      tag: 'Access',
      status: 201,
      body: z.strictObject({ name, email: z.email().optional(), role: role.default('member') }),
      handler: (incoming) =>
        change(incoming, 'member.add', async (transaction) => {
          const member = await addMember(transaction, incoming.scope, incoming.body)
          const subject = { kind: 'member', id: member.id }
          return { result: memberBody(member), subject, details: { role: member.role } }
        }),
    }),
    route({
      method: 'PATCH',
      path: '/v1/members/{id}',
      guard: 'members:write',
      summary: "Change a member's role, suspend or reinstate",
      tag: 'Access',
      params: idParams,
      body: z.strictObject({
        role: role.optional(),
        state: z.enum(['active', 'suspended']).optional(),
      }),
      handler: async (incoming) => {
        const { scope, params, body } = incoming
        const member = await change(incoming, 'member.change', async (transaction) => {
          const changed = await changeMember(transaction, scope, params.id, body)
          return { result: changed, subject: { kind: 'member', id: changed.id }, details: body }
        })
        authenticator.forget()
        return memberBody(member)
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/members/{id}',
      guard: 'members:write',
      summary: 'Remove a member from the workspace',
      tag: 'Access',
      params: idParams,
      handler: async (incoming) => {
        await change(incoming, 'member.remove', async (transaction) => {
          const member = await removeMember(transaction, incoming.scope, incoming.params.id)
          return { result: member, subject: { kind: 'member', id: member.id } }
        })
        authenticator.forget()
        return null
      },
    }),
    route({
      method: 'GET',
      path: '/v1/workspaces',
      guard: 'workspaces:read',
      summary: 'List the workspaces of the organisation',
      tag: 'Access',
      query: wholeList('asc'),
      response: listAnswer,
      handler: async ({ scope, query }) =>
        listBody(await listWorkspaces(db, scope, wishOf(query, ids('ws'))), (row) => row, byId),
    }),
    route({
      method: 'POST',
      path: '/v1/workspaces',
      guard: 'workspaces:write',
      summary: 'Make a workspace and its owner key, whose secret is in this answer only',
      tag: 'Access',
      status: 201,
      body: z.strictObject({ name }),
      handler: (incoming) =>
        change(incoming, 'workspace.create', async (transaction) => {
          const made = await createWorkspace(transaction, incoming.scope, incoming.body.name)
          const { id, name: given, created_at } = made.workspace
          const result = { id, object: 'workspace', name: given, created_at, key: made.secret }
          return { result, subject: { kind: 'workspace', id } }
        }),
    }),
    route({
      method: 'POST',
      path: '/v1/workspaces/{id}/erase',
      guard: 'workspaces:write',
      summary:
        'Erase a workspace for good: its keys are destroyed; the answer is a signed certificate',
      tag: 'Access',
      params: idParams,
      body: z.strictObject({ confirm: z.string().max(200) }),
      handler: async (incoming) => {
        const wanted = { id: incoming.params.id, confirm: incoming.body.confirm }
        const certificate = await eraseWorkspace(parts, incoming, wanted)
        authenticator.forget()
        await budgets.forget()
        return certificate
      },
    }),
    route({
      method: 'GET',
      path: '/v1/erasures',
      guard: 'workspaces:read',
      summary: 'Certificates of erased workspaces, newest first',
      tag: 'Access',
      query: wholeList('desc'),
      response: listAnswer,
      handler: async ({ scope, query }) => {
        const page = await listErasures(db, scope, wishOf(query, ids('era')))
        return listBody(
          page,
          (row) => row,
          ({ statement }) => statement.id,
        )
      },
    }),
  ]
}

function limitBody(limit: LimitStatus, now: Date) {
  return {
    id: limit.id,
    object: 'limit',
    subject_kind: limit.subject_kind,
    subject_id: limit.subject_id,
    subject_name: limit.subject_name,
    metric: limit.metric,
    window: limit.span,
    amount: limit.amount,
    used: limit.used,
    reserved: limit.reserved,
    resets_at: windowEnd(limit.span, now.getTime()),
  }
}

export function limitRoutes({ db, budgets, change }: AccessRouteParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/limits',
      guard: 'limits:read',
      summary: 'Limits and budgets with what is used of them',
      tag: 'Access',
      query: wholeList('asc'),
      response: listAnswer,
      handler: async ({ scope, query }) => {
        const now = new Date()
        const page = await listLimits(db, scope, now, wishOf(query, ids('lim')))
        return listBody(page, (limit) => limitBody(limit, now), byId)
      },
    }),
    route({
      method: 'POST',
      path: '/v1/limits',
      guard: 'limits:write',
      summary: 'Limit requests, tokens, euros or joules of the workspace, a member or a key',
      tag: 'Access',
      status: 201,
      body: z.strictObject({
        subject_kind: z.enum(['workspace', 'member', 'key']).default('workspace'),
        subject_id: z.string().max(100).optional(),
        metric: z.enum(['requests', 'tokens', 'euros', 'joules']),
        window: z.enum(['minute', 'hour', 'day', 'month', 'total']),
        amount: z.number().min(0),
      }),
      handler: async (incoming) => {
        const { scope, body } = incoming
        const limit = await change(incoming, 'limit.create', async (transaction) => {
          const created = await createLimit(transaction, scope, {
            subjectKind: body.subject_kind,
            subjectId: body.subject_id ?? scope.workspaceId,
            metric: body.metric,
            span: body.window,
            amount: body.amount,
          })
          return { result: created, subject: { kind: 'limit', id: created.id }, details: body }
        })
        await budgets.forget()
        return { object: 'limit', ...limit }
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/limits/{id}',
      guard: 'limits:write',
      summary: 'Remove a limit',
      tag: 'Access',
      params: idParams,
      handler: async (incoming) => {
        await change(incoming, 'limit.remove', async (transaction) => {
          const limit = await removeLimit(transaction, incoming.scope, incoming.params.id)
          return { result: limit, subject: { kind: 'limit', id: limit.id } }
        })
        await budgets.forget()
        return null
      },
    }),
  ]
}
