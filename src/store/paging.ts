/**
 * Pages of a list by where the last one ended, never by counting: rows that come or go in between make no
 * other row appear twice or not at all, and the hundredth page costs what the first does.
 */
import { type SelectQueryBuilder, sql } from 'kysely'

export interface PageWish {
  limit: number
  order: 'asc' | 'desc'
  /** The page begins behind this place, in the order asked for. */
  after?: string | undefined
  /** The page ends before it. */
  before?: string | undefined
  /** Rows to pass over, for a dialect that counts pages. */
  offset?: number
}

export interface Page<Row> {
  rows: Row[]
  /** Whether there are more beyond it, in the direction in which it was asked for. */
  hasMore: boolean
}

/** How a wish is read from the database: a page before a place is read backwards from it. */
export function readingOf(wish: PageWish) {
  const backwards = wish.before !== undefined
  const ascending = (wish.order === 'asc') !== backwards
  return { ascending, cursor: wish.before ?? wish.after }
}

/** The page from rows as `readingOf` says to read them, one more than its limit at most. */
export function pageOfRead<Row>(rows: Row[], wish: PageWish): Page<Row> {
  const page = rows.slice(0, wish.limit)
  if (wish.before !== undefined) page.reverse()
  return { rows: page, hasMore: rows.length > wish.limit }
}

/** A page of a query by a column whose values are unique in it; the query has no order of its own. */
export async function pageBy<Database, Table extends keyof Database, Row>(
  query: SelectQueryBuilder<Database, Table, Row>,
  column: string,
  wish: PageWish,
): Promise<Page<Row>> {
  const { ascending, cursor } = readingOf(wish)
  const place = sql.ref(column)
  let read = query.orderBy(place, ascending ? 'asc' : 'desc').limit(wish.limit + 1)
  if (wish.offset) read = read.offset(wish.offset)
  if (cursor !== undefined) {
    read = read.where(
      ascending ? sql<boolean>`${place} > ${cursor}` : sql<boolean>`${place} < ${cursor}`,
    )
  }
  return pageOfRead((await read.execute()) as Row[], wish)
}
