import type { UsageGroup, UsageRow } from '../../api/usage.ts'

export const groups = [
  { value: 'model', label: 'Model' },
  { value: 'key', label: 'Key' },
  { value: 'member', label: 'Member' },
  { value: 'task', label: 'Task' },
  { value: 'workspace', label: 'Workspace' },
  { value: 'day', label: 'Day' },
] as const satisfies { value: UsageGroup; label: string }[]

export type Group = (typeof groups)[number]['value']

export function groupOf(name: string | null): Group {
  return groups.find(({ value }) => value === name)?.value ?? 'model'
}

/** How a row of a group is called: names where the server sends one beside the id. */
export function rowName(row: UsageRow, group: UsageGroup): string {
  const named = group === 'key' ? row.key_name : group === 'member' ? row.member_name : null
  const value = named ?? row[group]
  if (value) return value
  return group === 'key' ? 'without a key' : group === 'member' ? 'no member' : 'none'
}

/** The ledger entries a row is the sum of, as far as entries can be filtered by it. */
export function rowEntries(row: UsageRow, group: UsageGroup): string | undefined {
  if ((group !== 'model' && group !== 'key') || !row[group]) return undefined
  return `/usage/entries?${group}=${encodeURIComponent(row[group])}`
}
