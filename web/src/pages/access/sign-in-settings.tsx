import { usePermission } from '../../api/session.ts'
import { GroupRoles } from './group-roles.tsx'
import { Providers } from './providers.tsx'

/** Where people come from, and what their groups give them. */
export function SignInSettings() {
  const mayWrite = usePermission('identity:write')
  return (
    <div className="space-y-4">
      <Providers mayWrite={mayWrite} />
      <GroupRoles mayWrite={mayWrite} />
    </div>
  )
}
