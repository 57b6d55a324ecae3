import type { UsageAcross, UsageGroup, UsageRow } from '../../api/usage.ts'
import type { PlainText } from '../../texts/catalogue.ts'
import { t } from '../../texts/translate.ts'

/** What a group is called, and what sums by it are. */
export const groupTexts = {
  model: { name: 'Model', by: 'By model' },
  key: { name: 'Key', by: 'By key' },
  member: { name: 'Member', by: 'By member' },
  task: { name: 'Task', by: 'By task' },
  workspace: { name: 'Workspace', by: 'By workspace' },
  day: { name: 'Day', by: 'By day' },
  hour: { name: 'Hour', by: 'By hour' },
} as const satisfies Record<UsageGroup, { name: PlainText; by: PlainText }>

/** Those to choose from; hours come by themselves where the range is short. */
export const groups = [
  'model',
  'key',
  'member',
  'task',
  'workspace',
  'day',
] as const satisfies UsageGroup[]

export type Group = (typeof groups)[number]

export function groupOf(name: string | null): Group {
  return groups.find((group) => group === name) ?? 'model'
}

/** How a row of a group is called: names where the server sends one beside the id. */
export function rowName(row: UsageRow, group: UsageGroup): string {
  const names: Partial<Record<UsageGroup, string | null | undefined>> = {
    key: row.key_name,
    member: row.member_name,
    workspace: row.workspace_name,
  }
  const value = names[group] ?? row[group]
  if (value) return value
  return t(group === 'key' ? 'without a key' : group === 'member' ? 'no member' : 'none')
}

/** The ledger entries a row is the sum of, as far as entries can be filtered by it. */
export function rowEntries(row: UsageRow, group: UsageGroup): string | undefined {
  if ((group !== 'model' && group !== 'key') || !row[group]) return undefined
  return `/usage/entries?${group}=${encodeURIComponent(row[group])}`
}

export const acrossOf = (text: string | null): UsageAcross =>
  text === 'organisation' ? 'organisation' : 'workspace'
