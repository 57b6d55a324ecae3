/**
 * How every list is asked for and answered, so that the auto-pagination of either SDK finds what it looks for:
 * `limit`, `order`, `after` and `before` in, `data`, `has_more`, `first_id`, `last_id` and `next` out.
 */
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { type Page, type PageWish, pageOfRead, readingOf } from '../store/paging.ts'

const pageLimitMax = 1000

const cursor = z.string().min(1).max(300).optional()

/** What a list takes. `order`: that of a caller who names none. */
export function pageQuery(order: PageWish['order'], limit = 100) {
  return z.looseObject({
    limit: z.coerce.number().int().min(1).max(pageLimitMax).default(limit),
    order: z.enum(['asc', 'desc']).default(order),
    after: cursor,
    before: cursor,
  })
}

/** What a list takes that is read as a whole by most: its first page is as large as a page can be. */
export const wholeList = (order: PageWish['order']) => pageQuery(order, pageLimitMax)

export type PageQuery = z.infer<ReturnType<typeof pageQuery>>

/** Places of a list whose rows have ids with this prefix. */
export const ids = (prefix: string) => new RegExp(`^${prefix}_[0-9a-z]{26}$`)

/** The wish of a query; `invalid_request` for a place that no row of the list can have. */
export function wishOf({ limit, order, after, before }: PageQuery, places: RegExp): PageWish {
  for (const [param, place] of Object.entries({ after, before })) {
    if (place !== undefined && !places.test(place)) throw noPlace(param, place)
  }
  return onePlace({ limit, order, after, before })
}

function onePlace(wish: PageWish): PageWish {
  if (wish.after === undefined || wish.before === undefined) return wish
  throw new AppError('invalid_request', 'Name "after" or "before", not both.', { param: 'before' })
}

function noPlace(param: string, place: string): AppError {
  return new AppError(
    'invalid_request',
    `"${place.slice(0, 60)}" is no place in this list. Send the last_id of a page, or nothing.`,
    { param },
  )
}

/** A page of a short list that is in memory as a whole, in the order of a caller who names none. */
export function pageOf<Row>(
  rows: readonly Row[],
  placeOf: (row: Row) => string,
  query: PageQuery,
  usualOrder: PageWish['order'],
): Page<Row> {
  const { limit, order, after, before } = query
  const wish = onePlace({ limit, order, after, before })
  const { ascending, cursor: place } = readingOf(wish)
  const read = ascending === (usualOrder === 'asc') ? [...rows] : rows.toReversed()
  const start = place === undefined ? 0 : read.findIndex((row) => placeOf(row) === place) + 1
  if (place !== undefined && start === 0) throw noPlace(after ? 'after' : 'before', place)
  return pageOfRead(read.slice(start, start + limit + 1), wish)
}

export const byId = (row: { id: string }) => row.id

/** A list's answer. `placeOf`: what names a row's place to `after` and `before`. */
export function listBody<Row, Body>(
  { rows, hasMore }: Page<Row>,
  bodyOf: (row: Row) => Body,
  placeOf: (row: Row) => string,
) {
  const last = rows.at(-1)
  const lastId = last === undefined ? null : placeOf(last)
  return {
    object: 'list' as const,
    data: rows.map(bodyOf),
    first_id: rows[0] === undefined ? null : placeOf(rows[0]),
    last_id: lastId,
    has_more: hasMore,
    /** The place to go on from; null at the end. */
    next: hasMore ? lastId : null,
  }
}
