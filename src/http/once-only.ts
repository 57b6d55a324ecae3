/** The header Idempotency-Key: a request that carries it is done once, however often it is sent. */
import type { Scope } from '../access/scope.ts'
import { AppError } from '../errors.ts'
import { databaseError } from '../store/database.ts'
import type { Idempotency, StoredAnswer } from '../store/idempotency.ts'
import type { Incoming, Route } from './route.ts'

type AnyIncoming = Incoming<unknown, unknown, unknown, Scope | null>
type Answer = Response | object | null

/** Runs the route's handler, or answers as it did the first time. */
export async function onceOnly(
  idempotency: Idempotency,
  route: Route,
  incoming: AnyIncoming,
  headers: Record<string, string>,
): Promise<Answer> {
  const header = incoming.request.headers.get('idempotency-key')
  const { scope, body } = incoming
  if (header === null || !scope || (route.method !== 'POST' && route.method !== 'PATCH')) {
    return route.handler(incoming)
  }
  if (route.rawBody || (body as { stream?: unknown } | undefined)?.stream === true) {
    throw new AppError(
      'invalid_request',
      'Uploads and streamed answers cannot be repeated by an idempotency key. Send the request without one.',
    )
  }
  const begun = await idempotency.begin(scope, {
    route: `${route.method} ${route.path}`,
    header,
    body: JSON.stringify([incoming.params, incoming.query, body ?? null]),
  })
  if ('replay' in begun) {
    headers['idempotent-replayed'] = 'true'
    return replayed(begun.replay)
  }
  let answer: Answer
  try {
    answer = await route.handler(incoming)
  } catch (error) {
    if (!mayBeDone(error)) await begun.undone()
    throw error
  }
  const stored = await storable(answer, route.status ?? 200)
  if (!stored) {
    await begun.undone()
    return answer
  }
  await begun.done(stored)
  return answer instanceof Response ? replayed(stored) : answer
}

/** A failure inside, or a database lost in mid-commit: the request may have been done all the same. */
function mayBeDone(error: unknown): boolean {
  return ['internal', 'unavailable'].includes(databaseError(error).code)
}

/** Null for answers that are no JSON, or refusals in another form. */
async function storable(answer: Answer, status: number): Promise<StoredAnswer | null> {
  if (answer === null) return { status: 204, body: '' }
  if (!(answer instanceof Response)) return { status, body: JSON.stringify(answer) }
  const isJson = /\bjson\b/.test(answer.headers.get('content-type') ?? '')
  if (!isJson || answer.status >= 300) return null
  return { status: answer.status, body: await answer.text() }
}

function replayed({ status, body }: StoredAnswer): Response {
  if (body === '') return new Response(null, { status })
  return new Response(body, { status, headers: { 'content-type': 'application/json' } })
}
