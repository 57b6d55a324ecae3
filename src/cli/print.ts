/** Output for people (aligned columns) or programs (one JSON value). */

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

export function printLine(text = ''): void {
  process.stdout.write(`${text}\n`)
}

export function printTable(columns: string[], rows: (string | number | null)[][]): void {
  const cells = rows.map((row) => row.map((value) => (value === null ? '' : String(value))))
  const widths = columns.map((name, index) =>
    Math.max(name.length, ...cells.map((row) => row[index]!.length)),
  )
  const line = (row: string[]) =>
    row
      .map((text, i) => text.padEnd(widths[i]!))
      .join('  ')
      .trimEnd()
  printLine(line(columns.map((name) => name.toUpperCase())))
  for (const row of cells) printLine(line(row))
}

/** Enough digits to compare, none to confuse: 3 significant below 1000, whole above. */
export function shortNumber(value: number): string {
  if (value === 0) return '0'
  return Math.abs(value) >= 1000
    ? Math.round(value).toString()
    : Number(value.toPrecision(3)).toString()
}
