/**
 * A route is data: method, path, the one permission it needs, the shapes of what goes in and out,
 * and a handler. The app, the OpenAPI document and the permission matrix test all read this table,
 * so none of them can forget a route.
 */
import type { Readable } from 'node:stream'
import type { z } from 'zod'
import type { Permission } from '../access/permissions.ts'
import type { Scope } from '../access/scope.ts'
import type { TraceParent } from '../compute/traces.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What a handler gets. `scope` is null only on public routes. */
export interface Incoming<Params, Query, Body, Who> {
  scope: Who
  params: Params
  query: Query
  body: Body
  /** For headers, address and method; the body is `content`. */
  request: Request
  /** The body's bytes, where no `body` shape has read them. */
  content: Readable
  requestId: string
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal
  /** The request's span, for the spans within it; null when nothing is traced. */
  trace: TraceParent | null
  /** Class of the data, from the header x-data-class. */
  dataClass: string | null
  /** Adds a header to the answer. */
  setHeader(name: string, value: string): void
}

/** `public` needs no credential; everything else needs one with the named permission. */
export type Guard = Permission | 'public' | 'signed-in'

export interface Route {
  method: Method
  /** OpenAPI style: `/v1/keys/{id}`. */
  path: string
  guard: Guard
  summary: string
  tag: string
  params?: z.ZodType
  query?: z.ZodType
  /** Shape of a JSON body; absent: no body, or the handler reads it itself (`rawBody`). */
  body?: z.ZodType
  /** The handler reads the request's bytes; the media type it expects, for the documentation. */
  rawBody?: string
  /** Shape of the JSON answer; absent: no JSON. */
  response?: z.ZodType
  /** Media types other than JSON the route may answer with. */
  answers?: readonly string[]
  /** Also reachable under /openai/v1. */
  openai?: boolean
  /** Also open to client sessions. Only what does not last and answers with the one model may be. */
  clients?: boolean
  status?: number
  // biome-ignore lint/suspicious/noExplicitAny: the table holds routes of every shape
  handler(incoming: Incoming<any, any, any, any>): Promise<Response | object | null>
}

type Infer<T> = T extends z.ZodType ? z.infer<T> : Record<string, never>

/** Ties a handler's types to the route's shapes; returns it unchanged. */
export function route<
  G extends Guard,
  P extends z.ZodType | undefined = undefined,
  Q extends z.ZodType | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(
  definition: Omit<Route, 'handler' | 'params' | 'query' | 'body' | 'guard'> & {
    guard: G
    params?: P
    query?: Q
    body?: B
    handler(
      incoming: Incoming<Infer<P>, Infer<Q>, Infer<B>, G extends 'public' ? Scope | null : Scope>,
    ): Promise<Response | object | null>
  },
): Route {
  return definition as Route
}
