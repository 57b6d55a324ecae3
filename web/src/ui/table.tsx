import type { ReactNode } from 'react'
import { t } from '../texts/translate.ts'
import { classes } from './classes.ts'

export interface Column<Row> {
  /** Unique in the table; also the React key. */
  key: string
  heading: ReactNode
  cell: (row: Row) => ReactNode
  align?: 'left' | 'right'
  /** Left out below this width, where the row must stay readable. */
  from?: 'sm' | 'md' | 'lg' | 'xl'
  className?: string
}

const shownFrom = {
  sm: 'hidden sm:table-cell',
  md: 'hidden md:table-cell',
  lg: 'hidden lg:table-cell',
  xl: 'hidden xl:table-cell',
} as const

function cellClasses<Row>(column: Column<Row>): string {
  return classes(
    'px-2.5 first:pl-4 last:pr-4',
    column.align === 'right' && 'tabular text-right',
    column.from && shownFrom[column.from],
    column.className,
  )
}

/** A dense table in a region that scrolls sideways by itself, never the page. */
export function Table<Row>({
  label,
  columns,
  rows,
  rowKey,
  footer,
}: {
  label: string
  columns: Column<Row>[]
  rows: Row[]
  rowKey: (row: Row) => string
  footer?: Row | undefined
}) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keyboard too
      tabIndex={0}
      className="overflow-x-auto outline-offset-[-2px]"
    >
      <table className="w-full border-collapse text-left">
        <caption className="sr-only">{label}</caption>
        <thead>
          <tr className="border-y bg-canvas text-2xs tracking-wide text-ink-3">
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={classes(
                  cellClasses(column),
                  'py-1.5 font-sans! text-2xs! font-medium! whitespace-nowrap text-ink-3!',
                )}
              >
                {column.heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} className="border-b last:border-b-0 hover:bg-canvas">
              {columns.map((column) => (
                <td key={column.key} className={classes(cellClasses(column), 'py-2 align-middle')}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        {footer && (
          <tfoot>
            <tr className="border-t bg-canvas font-semibold">
              {columns.map((column) => (
                <td key={column.key} className={classes(cellClasses(column), 'py-2')}>
                  {column.cell(footer)}
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </section>
  )
}

/** The last column: what can be done with a row. Its heading is read, not seen. */
export function actionsColumn<Row>(cell: (row: Row) => ReactNode): Column<Row> {
  return {
    key: 'actions',
    heading: <span className="sr-only">{t('Actions')}</span>,
    align: 'right',
    cell,
  }
}
