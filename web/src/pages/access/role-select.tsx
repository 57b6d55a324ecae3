import type { SelectHTMLAttributes } from 'react'
import { type Role, roles } from '../../api/access.ts'
import type { PlainText } from '../../texts/catalogue.ts'
import { t } from '../../texts/translate.ts'
import { Select } from '../../ui/field.tsx'

/** What each role is for; the API reference has the exact permissions. */
const roleMeanings: Record<Role, PlainText> = {
  owner: 'everything, also identity, workspaces and backups',
  admin: 'members, keys, limits, models and egress',
  builder: 'uses and publishes models',
  member: 'uses models and documents',
  auditor: 'sees everything, changes nothing',
}

export function RoleSelect({
  label = t('Role'),
  value,
  onChange,
  hideLabel,
  explained = false,
  ...rest
}: {
  label?: string
  hideLabel?: boolean
  /** Says under the list what the chosen role is for. */
  explained?: boolean
  value: Role
  onChange: (role: Role) => void
} & Omit<SelectHTMLAttributes<HTMLSelectElement>, 'value' | 'onChange'>) {
  return (
    <Select
      label={label}
      {...(hideLabel && { hideLabel })}
      {...rest}
      hint={explained ? t(roleMeanings[value]) : undefined}
      value={value}
      onChange={(event) => onChange(event.target.value as Role)}
    >
      {roles.map((role) => (
        <option key={role} value={role}>
          {t(role)}
        </option>
      ))}
    </Select>
  )
}
