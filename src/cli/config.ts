/** `bastide config`: every setting, its value and where it came from. */
import { describeConfig } from '../config.ts'
import type { ClientOptions } from './client.ts'
import { printJson, printLine, printTable } from './print.ts'

export function printConfig(options: ClientOptions): void {
  const lines = describeConfig(options.data ? { dataFolder: options.data } : {})
  if (options.json) return printJson(lines)
  printTable(
    ['variable', 'value', 'from', 'what it is'],
    lines.map((line) => [line.variable, line.value, line.origin, line.why]),
  )
  printLine('\nSet a variable in the environment to change a setting.')
}
