/** The tables of the schema, in an order in which rows can be put in again. */
import { sql } from 'kysely'
import type { Database } from '../database.ts'
import { leftOut } from './format.ts'

/** Each table after those its foreign keys refer to. */
export async function tablesInOrder(db: Database): Promise<string[]> {
  const { rows } = await sql<{ name: string; refers_to: string[] }>`
    select c.relname as name,
      coalesce(array_agg(distinct target.relname::text)
        filter (where target.relname is not null and target.oid <> c.oid), '{}') as refers_to
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    left join pg_constraint f on f.conrelid = c.oid and f.contype = 'f'
    left join pg_class target on target.oid = f.confrelid
    where c.relkind = 'r'
    group by c.relname order by c.relname`.execute(db)
  const ordered: string[] = []
  const left = rows.filter(({ name }) => !leftOut.has(name))
  while (left.length > 0) {
    const next = left.findIndex(({ refers_to }) => refers_to.every((one) => ordered.includes(one)))
    // Tables that refer to each other in a circle could not be filled row by row; there are none.
    if (next < 0) throw new Error(`foreign keys in a circle: ${left.map(({ name }) => name)}`)
    ordered.push(left.splice(next, 1)[0]!.name)
  }
  return ordered
}

const pageRows = 2_000

/** All rows of a table as JSON texts, a page at a time. */
export async function* readRows(db: Database, table: string): AsyncGenerator<string[]> {
  for (let after = '(0,0)'; ; ) {
    const { rows } = await sql<{ place: string; row: string }>`
      select ctid::text as place, row_to_json(t)::text as row from ${sql.table(table)} t
      where ctid > ${after}::tid order by ctid limit ${pageRows}`.execute(db)
    if (rows.length === 0) return
    yield rows.map(({ row }) => row)
    after = rows.at(-1)!.place
  }
}

/** Puts rows in again, with the numbers they had. */
export async function insertRows(db: Database, table: string, rows: string[]): Promise<void> {
  await sql`insert into ${sql.table(table)} overriding system value
    select * from json_populate_recordset(null::${sql.table(table)}, ${`[${rows.join(',')}]`}::json)`.execute(
    db,
  )
}

/** Sets every counter behind a numbered column to go on after the highest number. */
export async function continueNumbering(db: Database): Promise<void> {
  const { rows } = await sql<{ table_name: string; column_name: string }>`
    select table_name, column_name from information_schema.columns
    where table_schema = 'public' and is_identity = 'YES'`.execute(db)
  for (const { table_name: table, column_name: column } of rows) {
    await sql`select setval(pg_get_serial_sequence(${table}, ${column}),
      greatest(1, (select coalesce(max(${sql.ref(column)}), 0) from ${sql.table(table)})),
      (select count(*) > 0 from ${sql.table(table)}))`.execute(db)
  }
}
