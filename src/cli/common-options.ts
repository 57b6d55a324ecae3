/** Options that many commands share. */
import { Option } from 'commander'

export const dataOption = () =>
  new Option('--data <folder>', 'data folder (default: .bastide here, or BASTIDE_DATA)')
export const jsonOption = () => new Option('--json', 'print JSON for programs')
