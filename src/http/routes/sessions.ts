/** Console sessions: sign-in by key or with an identity provider, who I am, and sessions to be ended. */

import { z } from 'zod'
import type { Authenticator } from '../../access/authenticate.ts'
import { accountOf, noAccess, workspacesOf } from '../../access/identity/accounts.ts'
import { providersToSignInWith } from '../../access/identity/providers.ts'
import type { SignIn } from '../../access/identity/sign-in.ts'
import { ownSession } from '../../access/own-session.ts'
import type { Scope } from '../../access/scope.ts'
import {
  consoleKey,
  endOwnSession,
  endSession,
  leaveConsole,
  listSessions,
  type NewSession,
  type SessionInfo,
  startSession,
} from '../../access/sessions.ts'
import { describeScope } from '../../access/workspaces.ts'
import type { Booking } from '../../assurance/booking.ts'
import type { Clock } from '../../clock.ts'
import { AppError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Database } from '../../store/database.ts'
import type { Change } from '../change.ts'
import { sessionCookie, sessionSecret } from '../credentials.ts'
import { checkOrigin } from '../hosts.ts'
import { byId, ids, listBody, wholeList, wishOf } from '../paging.ts'
import { originOf } from '../public-address.ts'
import { type Route, route } from '../route.ts'
import { idParams, listAnswer } from '../shapes.ts'

export interface SessionRouteParts {
  db: Database
  authenticator: Authenticator
  signIn: SignIn
  booking: Booking
  change: Change
  clock: Clock
  log: Log
  hosts: ReadonlySet<string>
  /** The address users reach the server by; empty: as the request says. */
  publicUrl: string
}

const signInCookie = 'bastide_sign_in'
const refusedCookie = 'bastide_sign_in_refused'
const callbackPath = '/v1/sign-in/callback'

function cookieOf(parts: SessionRouteParts, request: Request) {
  const secure = originOf(request, parts.publicUrl).startsWith('https:') ? '; Secure' : ''
  return (name: string, value: string, maxAgeSeconds: number, path: string, sameSite: string) =>
    `${name}=${value}; Path=${path}; HttpOnly; SameSite=${sameSite}; Max-Age=${maxAgeSeconds}${secure}`
}

function sessionSetCookie(parts: SessionRouteParts, request: Request, session: NewSession | null) {
  const seconds = session ? Math.floor((session.expiresAt.getTime() - parts.clock.now()) / 1000) : 0
  const write = cookieOf(parts, request)
  return write(sessionCookie, session?.secret ?? '', seconds, '/', 'Strict')
}

/** Only a path of the console: a sign-in must not end elsewhere. */
const returnTo = z
  .string()
  .max(2000)
  .regex(/^\/(?![/\\])[!-[\]-~]*$/)
  .default('/')

export function sessionRoutes(parts: SessionRouteParts): Route[] {
  const { db, authenticator, change } = parts

  async function sessionBody(scope: Scope) {
    const place = await describeScope(db, scope)
    const mine = scope.isConsole && scope.memberId ? await workspacesOf(db, scope.memberId) : []
    return {
      organisation: { id: place.organisationId, name: place.organisationName },
      workspace: { id: place.workspaceId, name: place.workspaceName },
      workspaces: mine,
      principal: { ...scope.actor, role: scope.role },
      permissions: [...scope.permissions],
    }
  }

  return [
    route({
      method: 'POST',
      path: '/v1/session',
      guard: 'public',
      summary: 'Sign in to the console with a key',
      tag: 'Access',
      body: z.object({ key: z.string().min(1).max(500) }),
      handler: async ({ body, request, requestId, setHeader }) => {
        if (request.headers.has('origin')) checkOrigin(request, parts.hosts)
        const scope = await authenticator.authenticate({ kind: 'key', secret: body.key.trim() })
        if (scope.clientModel !== null) {
          throw new AppError('forbidden', 'A client session is no key to sign in with.')
        }
        const session = await change({ scope, requestId }, 'session.start', async (transaction) => {
          const wanted = { keyId: scope.keyId, providerId: null, now: parts.clock.now() }
          const result = await startSession(transaction, wanted)
          return { result, subject: { kind: 'session', id: result.id } }
        })
        setHeader('set-cookie', sessionSetCookie(parts, request, session))
        return sessionBody(scope)
      },
    }),
    route({
      method: 'GET',
      path: '/v1/session',
      guard: 'signed-in',
      summary: 'Who I am and what I may do',
      tag: 'Access',
      handler: ({ scope }) => sessionBody(scope),
    }),
    route({
      method: 'PATCH',
      path: '/v1/session',
      guard: 'signed-in',
      summary: 'Go on in another workspace of mine',
      tag: 'Access',
      body: z.strictObject({ workspace: z.string().max(100) }),
      handler: async (incoming) => {
        const { scope, body, request, setHeader } = incoming
        const secret = sessionSecret(request)
        const { memberId } = scope
        const mine = memberId ? await workspacesOf(db, memberId) : []
        if (!secret || !memberId || !mine.some(({ id }) => id === body.workspace)) {
          throw new AppError('not_found', `You have no workspace ${body.workspace}.`, {
            param: 'workspace',
          })
        }
        const session = await change(incoming, 'session.move', async (transaction) => {
          const { actor, organisationId } = scope
          const member = { id: memberId, name: actor.name, organisationId }
          const { providerId } = await leaveConsole(transaction, scope, secret)
          const keyId = await consoleKey(transaction, member, body.workspace)
          const wanted = { keyId, providerId, now: parts.clock.now() }
          const result = await startSession(transaction, wanted)
          const details = { workspace: body.workspace }
          return { result, subject: { kind: 'session', id: result.id }, details }
        })
        authenticator.forget()
        setHeader('set-cookie', sessionSetCookie(parts, request, session))
        const moved = await authenticator.authenticate({ kind: 'session', secret: session.secret })
        return sessionBody(moved)
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/session',
      guard: 'signed-in',
      summary: 'Sign out of the console',
      tag: 'Access',
      handler: async (incoming) => {
        const { request, setHeader } = incoming
        const secret = sessionSecret(request)
        if (secret) {
          await change(incoming, 'session.end', async (transaction) => {
            const ended = await endOwnSession(transaction, secret)
            return { result: null, subject: { kind: 'session', id: ended?.id ?? '' } }
          })
        }
        authenticator.forget()
        setHeader('set-cookie', sessionSetCookie(parts, request, null))
        return null
      },
    }),
    ...openSessionRoutes(parts),
    ...signInRoutes(parts),
  ]
}

function bodyOf(session: SessionInfo, own: string | null) {
  return {
    object: 'session',
    id: session.id,
    key: session.keyId,
    key_name: session.keyName,
    member: session.memberId,
    member_name: session.memberName,
    provider: session.providerName,
    created_at: session.createdAt,
    expires_at: session.expiresAt,
    /** The one that asks. */
    current: session.id === own,
  }
}

function openSessionRoutes({ db, authenticator, change, clock }: SessionRouteParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/sessions',
      guard: 'members:read',
      summary: 'List open console sessions of the workspace',
      tag: 'Access',
      query: wholeList('desc'),
      response: listAnswer,
      handler: async ({ scope, request, query }) => {
        const own = await ownSession(db, sessionSecret(request))
        const open = await listSessions(db, scope, clock.now(), wishOf(query, ids('ses')))
        return listBody(open, (session) => bodyOf(session, own), byId)
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/sessions/{id}',
      guard: 'members:write',
      summary: 'End a console session',
      tag: 'Access',
      params: idParams,
      handler: async (incoming) => {
        await change(incoming, 'session.end', async (transaction) => {
          const { id } = incoming.params
          await endSession(transaction, incoming.scope, id)
          return { result: null, subject: { kind: 'session', id } }
        })
        authenticator.forget()
        return null
      },
    }),
  ]
}

function signInRoutes(parts: SessionRouteParts): Route[] {
  const { db, signIn } = parts

  /** The member's session where they first have access; throws when they have none. */
  async function startFor(answer: Awaited<ReturnType<SignIn['complete']>>, requestId: string) {
    const { provider, identity } = answer
    const organisationId = provider.organisation_id
    const now = new Date(parts.clock.now())
    const account = await db.transaction().execute(async (transaction) => {
      const found = await accountOf(transaction, provider, identity, now)
      const system = { kind: 'system' as const, id: provider.id }
      for (const { memberId, workspaceId, before, after } of found.changes) {
        await parts.booking.append(transaction, {
          organisationId,
          workspaceId,
          kind: 'member.follow_groups',
          actor: system,
          subject: { kind: 'member', id: memberId },
          outcome: 'ok',
          details: { before, after, request: requestId },
        })
      }
      return found
    })
    if (account.changes.length > 0) parts.authenticator.forget()
    const { member } = account
    const [workspace] = member ? await workspacesOf(db, member.id) : []
    if (member?.suspended_at) {
      throw new AppError('forbidden', 'Your access is suspended. Ask an administrator.')
    }
    if (!member || !workspace) throw noAccess(provider)
    return db.transaction().execute(async (transaction) => {
      const owner = { id: member.id, name: member.name, organisationId }
      const keyId = await consoleKey(transaction, owner, workspace.id)
      const wanted = { keyId, providerId: provider.id, now: now.getTime() }
      const session = await startSession(transaction, wanted)
      await parts.booking.append(transaction, {
        organisationId,
        workspaceId: workspace.id,
        kind: 'session.start',
        actor: { kind: 'member', id: member.id },
        subject: { kind: 'session', id: session.id },
        outcome: 'ok',
        details: { provider: provider.id, new_member: account.isNew, request: requestId },
      })
      return session
    })
  }

  const stateCookie = (value: string, seconds: number, request: Request) =>
    // Lax: the browser comes back from the provider's site.
    cookieOf(parts, request)(signInCookie, value, seconds, callbackPath, 'Lax')

  const redirect = (location: string, cookies: string[]) => {
    const headers = new Headers({ location, 'cache-control': 'no-store' })
    for (const cookie of cookies) headers.append('set-cookie', cookie)
    return new Response(null, { status: 303, headers })
  }

  return [
    route({
      method: 'GET',
      path: '/v1/sign-in',
      guard: 'public',
      summary: 'Identity providers the console can sign in with',
      tag: 'Access',
      query: wholeList('asc'),
      response: listAnswer,
      handler: async ({ query }) => {
        const page = await providersToSignInWith(db, wishOf(query, ids('idp')))
        return listBody(page, (provider) => provider, byId)
      },
    }),
    route({
      method: 'GET',
      path: '/v1/sign-in/begin/{id}',
      guard: 'public',
      summary: 'Sign in with an identity provider: sends the browser there',
      tag: 'Access',
      params: idParams,
      query: z.looseObject({ return_to: returnTo }),
      handler: async ({ params, query, request }) => {
        const redirectUri = `${originOf(request, parts.publicUrl)}${callbackPath}`
        const wanted = { redirectUri, returnTo: query.return_to }
        const { url, state, maxAgeSeconds } = await signIn.begin(params.id, wanted)
        return redirect(url.href, [stateCookie(state, maxAgeSeconds, request)])
      },
    }),
    route({
      method: 'GET',
      path: callbackPath,
      guard: 'public',
      summary: 'Where an identity provider sends the browser back to',
      tag: 'Access',
      handler: async ({ request, requestId }) => {
        const cookies = request.headers.get('cookie') ?? ''
        const state = /(?:^|; *)bastide_sign_in=([\w-]{1,200})(?:;|$)/.exec(cookies)?.[1] ?? ''
        const gone = stateCookie('', 0, request)
        try {
          const answer = await signIn.complete(state, new URL(request.url))
          const session = await startFor(answer, requestId)
          return redirect(answer.returnTo, [gone, sessionSetCookie(parts, request, session)])
        } catch (error) {
          if (!(error instanceof AppError) || error.code === 'internal') throw error
          const { code, message, cause } = error
          const because = cause instanceof Error ? (cause.cause ?? cause) : undefined
          parts.log.warn(
            { code, reason: message, because: String(because), requestId },
            'sign-in refused',
          )
          // In a cookie that the page reads and forgets: a link could make it say anything.
          const told = `${refusedCookie}=${encodeURIComponent(error.message)}; Path=/; SameSite=Lax; Max-Age=60`
          return redirect('/sign-in', [gone, told])
        }
      },
    }),
  ]
}
