/**
 * The HTTP edge: one function from Request to Response. Every request passes the same steps in the
 * same order: host and origin, request id, the matched route's guard, shapes, handler, errors.
 * Authorisation hangs on the matched route object, never on the text of a URL.
 */
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import type { Authenticator, Credential } from '../access/authenticate.ts'
import type { Permission } from '../access/permissions.ts'
import { requirePermission, type Scope } from '../access/scope.ts'
import type { AccessWatch } from '../access/watch.ts'
import type { Traces } from '../compute/traces.ts'
import { AppError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Log } from '../log.ts'
import { databaseError } from '../store/database.ts'
import type { Idempotency } from '../store/idempotency.ts'
import { credentialOf } from './credentials.ts'
import { errorResponse, parseShape } from './errors.ts'
import { checkHost, checkOrigin } from './hosts.ts'
import { readJsonBody } from './json-body.ts'
import { type Leaving, watchLeaving } from './leaving.ts'
import { onceOnly } from './once-only.ts'
import type { Incoming, Route } from './route.ts'

export interface AppOptions {
  routes: readonly Route[]
  authenticator: Authenticator
  accessWatch: AccessWatch
  idempotency: Idempotency
  /** Host names under which the server may be addressed, lower case, without port. */
  hosts: ReadonlySet<string>
  bodyLimitBytes: number
  log: Log
  /** Null when nothing is traced. */
  traces: Traces | null
  /** Resolves when the database has what was booked so far. */
  caughtUp(): Promise<void>
  /** Called after each answer; for metrics. */
  onAnswer(route: string, method: string, status: number, seconds: number): void
  /** Files of the console; null where it is not built. */
  console: ((request: Request) => Promise<Response | null>) | null
}

const securityHeaders: Record<string, string> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

type NodeContext = Context<{ Bindings: HttpBindings }>

export function createApp(options: AppOptions): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>()
  for (const route of options.routes) {
    const paths = [route.path]
    if (route.openai) paths.push(route.path.replace(/^\/v1\//, '/openai/v1/'))
    for (const path of paths) {
      app.on(route.method, honoPath(path), (context) => serve(options, route, context))
    }
  }
  app.all('*', (context) => serveOther(options, context.req.raw))
  app.onError((error, context) => {
    const requestId = newId('req')
    options.log.error({ err: error, requestId, path: context.req.path }, 'request failed')
    return errorResponse(databaseError(error), requestId)
  })
  return app
}

function honoPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1')
}

async function serve(options: AppOptions, route: Route, context: NodeContext): Promise<Response> {
  const startedAt = performance.now()
  const request = context.req.raw
  const requestId = newId('req')
  const span = options.traces?.request(
    route.method,
    route.path,
    requestId,
    request.headers.get('traceparent'),
  )
  const headers: Record<string, string> = { ...securityHeaders, 'x-request-id': requestId }
  let response: Response
  try {
    checkHost(request, options.hosts)
    const { outgoing } = context.env
    const leaving = watchLeaving(outgoing)
    const scope = await authorise(options, route, request, (credential, permission) => {
      const release = options.accessWatch.hold(credential, permission, leaving.refuse)
      outgoing.once('close', release)
      // Who left before the credential was looked up closes nothing any more.
      if (outgoing.closed || outgoing.destroyed) release()
    })
    const trace = span?.parent ?? null
    const found = { scope, requestId, headers, trace, leaving }
    const incoming = await incomingOf(options, route, context, found)
    // Whatever is no call itself finds all calls that were answered before: what they used, what they cost.
    if (scope && route.guard !== 'inference:use') await options.caughtUp()
    const answer = await onceOnly(options.idempotency, route, incoming, headers)
    if (leaving.refusal) throw leaving.refusal
    response = toResponse(answer, route.status ?? 200, headers)
    if (answer instanceof Response && answer.body) {
      response = guarded(response, context.env.outgoing, options.log, requestId)
    }
  } catch (error) {
    response = withHeaders(failed(options.log, error, requestId, route.path), headers)
  }
  const seconds = (performance.now() - startedAt) / 1000
  options.onAnswer(route.path, route.method, response.status, seconds)
  span?.end(response.status)
  return response
}

type AnyIncoming = Incoming<unknown, unknown, unknown, Scope | null>

/** What the handler gets: the request's parts, checked against the route's shapes. */
async function incomingOf(
  options: AppOptions,
  route: Route,
  context: NodeContext,
  found: Pick<AnyIncoming, 'scope' | 'requestId' | 'trace'> & {
    headers: Record<string, string>
    leaving: Leaving
  },
): Promise<AnyIncoming> {
  const request = context.req.raw
  // The body and the caller's leaving are taken from Node directly: the standard Request makes
  // streams and signals whose clean-up costs more than all the rest of a request.
  const { incoming: content } = context.env
  const body = route.body ? await readJsonBody(content, options.bodyLimitBytes) : undefined
  return {
    scope: found.scope,
    params: validate(route.params, context.req.param(), 'path'),
    query: validate(route.query, route.query ? queryOf(request) : {}, 'query'),
    body: validate(route.body, body, 'body'),
    request,
    content,
    requestId: found.requestId,
    get signal() {
      return found.leaving.signal
    },
    trace: found.trace,
    dataClass: request.headers.get('x-data-class'),
    setHeader(name, value) {
      found.headers[name] = value
    },
  }
}

/** The scope of a request that may use the route. `hold` is told what must stay true until it is answered. */
async function authorise(
  options: AppOptions,
  route: Route,
  request: Request,
  hold: (credential: Credential, permission: Permission | null) => void,
): Promise<Scope | null> {
  if (route.guard === 'public') return null
  const credential = credentialOf(request)
  // A browser adds the cookie by itself, so a cookie counts only for requests of our own pages.
  if (credential.kind === 'session') checkOrigin(request, options.hosts)
  const scope = await options.authenticator.authenticate(credential)
  if (scope.clientModel !== null && !route.clients) {
    throw new AppError('forbidden', 'This is not open to client sessions. Use a key.')
  }
  const permission = route.guard === 'signed-in' ? null : route.guard
  if (permission) requirePermission(scope, permission)
  hold(credential, permission)
  return scope
}

function failed(log: Log, error: unknown, requestId: string, path: string): Response {
  const known = databaseError(error)
  if (known.status >= 500)
    log.error({ err: known, cause: known.cause, requestId, path }, known.code)
  return errorResponse(known, requestId)
}

function validate(schema: Route['body'], value: unknown, where: string): unknown {
  return schema ? parseShape(schema, value, where) : {}
}

/** Repeated parameters become arrays, as both SDKs send lists. */
function queryOf(request: Request): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {}
  for (const [name, value] of new URL(request.url).searchParams) {
    const before = query[name]
    if (before === undefined) query[name] = value
    else query[name] = Array.isArray(before) ? [...before, value] : [before, value]
  }
  return query
}

function toResponse(
  answer: Response | object | null,
  status: number,
  headers: Record<string, string>,
): Response {
  if (answer instanceof Response) return withHeaders(answer, headers)
  if (answer === null) return new Response(null, { status: 204, headers })
  const body = JSON.stringify(answer)
  return new Response(body, { status, headers: { ...headers, 'content-type': 'application/json' } })
}

/**
 * An answer whose stream breaks must not look complete, nor say what broke: the connection is cut. The
 * adapter would end it with the error's text in its body.
 */
function guarded(
  response: Response,
  outgoing: HttpBindings['outgoing'],
  log: Log,
  requestId: string,
): Response {
  const reader = response.body!.getReader()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (done) controller.close()
        else controller.enqueue(value)
      } catch (error) {
        if (!outgoing.destroyed) log.error({ err: error, requestId }, 'an answer broke off')
        outgoing.destroy()
        controller.close()
      }
    },
    cancel: (reason) => reader.cancel(reason),
  })
  return new Response(body, { status: response.status, headers: response.headers })
}

/** Adds the headers the answer does not have itself. */
function withHeaders(response: Response, headers: Record<string, string>): Response {
  for (const [name, value] of Object.entries(headers)) {
    if (!response.headers.has(name)) response.headers.set(name, value)
  }
  return response
}

async function serveOther(options: AppOptions, request: Request): Promise<Response> {
  const requestId = newId('req')
  try {
    checkHost(request, options.hosts)
    const { pathname } = new URL(request.url)
    const isApi = /^\/((openai\/)?v1|scim)(\/|$)/.test(pathname)
    if (!isApi && options.console && (request.method === 'GET' || request.method === 'HEAD')) {
      const page = await options.console(request)
      if (page) {
        for (const [name, value] of Object.entries(securityHeaders)) page.headers.set(name, value)
        return page
      }
    }
    const known = options.routes.some((route) => pathMatches(route, pathname))
    throw known
      ? new AppError('method_not_allowed', `${request.method} is not possible on ${pathname}.`)
      : new AppError('not_found', `There is no ${pathname}. GET /openapi.json lists what there is.`)
  } catch (error) {
    return failed(options.log, error, requestId, 'unmatched')
  }
}

function pathMatches(route: Route, pathname: string): boolean {
  const pattern = route.path.replace(/\{\w+\}/g, '[^/]+')
  return new RegExp(`^${pattern}$`).test(pathname.replace(/^\/openai\/v1\//, '/v1/'))
}
