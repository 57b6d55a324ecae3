/** SCIM's own forms of answers, lists, refusals and changes (RFC 7644). */
import { scimPatch } from 'scim-patch'
import { filter as matches, parse as parseFilter } from 'scim2-parse-filter'
import { z } from 'zod'
import { AppError } from '../../errors.ts'
import type { Route } from '../route.ts'
import { type patchShape, schemas } from './resources.ts'

const mediaType = 'application/scim+json'
/** What all routes of SCIM share. */
export const common = { guard: 'directory:provision', tag: 'SCIM', answers: [mediaType] } as const

const pageMax = 200

export const listQuery = z.looseObject({
  filter: z.string().max(2000).optional(),
  startIndex: z.coerce.number().int().default(1),
  count: z.coerce.number().int().default(pageMax),
})

type Query = z.infer<typeof listQuery>
export type Resource = { id: string } & Record<string, unknown>

export function answer(body: unknown, status = 200): Response {
  const headers = { 'content-type': mediaType }
  return new Response(JSON.stringify(body), { status, headers })
}

/** The same route, its failures in SCIM's own form (RFC 7644, section 3.12). */
export function inScimWords(route: Route): Route {
  return {
    ...route,
    async handler(incoming) {
      try {
        return await route.handler(incoming)
      } catch (error) {
        return refusal(error)
      }
    },
  }
}

function refusal(error: unknown): Response {
  if (!(error instanceof AppError) || error.status >= 500) throw error
  const scimType = { conflict: 'uniqueness', invalid_request: 'invalidValue' }[error.code as string]
  return answer(
    {
      schemas: [schemas.error],
      status: String(error.status),
      detail: error.message,
      ...(scimType && { scimType }),
    },
    error.status,
  )
}

/** The resources a query asks for. Directories ask for one by name; they do not page by thousands. */
export function listed(all: Resource[], query: Query): Response {
  const found = query.filter ? all.filter(filterOf(query.filter)) : all
  const first = Math.max(1, query.startIndex)
  const count = Math.min(pageMax, Math.max(0, query.count))
  const page = found.slice(first - 1, first - 1 + count)
  return answer({
    schemas: [schemas.list],
    totalResults: found.length,
    startIndex: first,
    itemsPerPage: page.length,
    Resources: page,
  })
}

/** Names and addresses are compared without case, as RFC 7643 has it; ids as they are. */
function filterOf(text: string): (resource: Resource) => boolean {
  try {
    if (/\b(externalId|id)\b/i.test(text)) return matches(parseFilter(text))
    const found = matches(parseFilter(text.toLowerCase()))
    return (resource) => found(JSON.parse(JSON.stringify(resource).toLowerCase()))
  } catch (error) {
    throw new AppError(
      'invalid_request',
      'The filter is not one of SCIM, such as userName eq "a@b.example".',
      { param: 'filter', cause: error },
    )
  }
}

/**
 * Whether a path or a name anywhere leads out of the resource into what all objects share. The library
 * that applies operations walks wherever they point.
 */
function reachesPrototype(value: unknown): boolean {
  if (typeof value === 'string') return prototypeNames.test(value)
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(reachesPrototype)
  return Object.entries(value).some(
    ([name, one]) =>
      prototypeNames.test(name) ||
      // Of values only objects can hold names; a person may be called what they are called.
      ((name === 'path' || typeof one === 'object') && reachesPrototype(one)),
  )
}

const prototypeNames = /(^|[.:[\]\s])(__proto__|prototype|constructor)($|[.:[\]\s])/i

/** A resource after the operations of a PATCH request (RFC 7644, section 3.5.2). */
export function patched(resource: Resource, body: z.infer<typeof patchShape>): unknown {
  if (reachesPrototype(body.Operations)) {
    throw new AppError('invalid_request', 'The operations name no attribute of SCIM.', {
      param: 'Operations',
    })
  }
  try {
    const operations = body.Operations as unknown as Parameters<typeof scimPatch>[1]
    return scimPatch(structuredClone(resource) as never, operations, { treatMissingAsAdd: true })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new AppError('invalid_request', `The operations cannot be applied: ${reason}`, {
      param: 'Operations',
      cause: error,
    })
  }
}
