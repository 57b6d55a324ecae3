/** Groups of a directory, as SCIM has them. What they may do is given by name: see group roles. */
import {
  createGroup,
  type DirectoryGroup,
  directoryGroup,
  directoryGroups,
  lockEntry,
  removeGroup,
  updateGroup,
} from '../../access/identity/directory.ts'
import type { RoleChange } from '../../access/identity/groups.ts'
import { parseShape } from '../errors.ts'
import type { Moved, ScimKind } from './kind-routes.ts'
import { groupFacts, groupResource, groupShape } from './resources.ts'

const factsOf = (value: unknown) => groupFacts(parseShape(groupShape, value, 'body'))

function moved({ group, changes }: { group: DirectoryGroup; changes: RoleChange[] }): Moved {
  return { id: group.id, details: { members: group.members.length }, changes }
}

export const scimGroups: ScimKind = {
  place: 'Groups',
  word: 'group',
  subject: 'group',
  async all(db, scope, origin) {
    return (await directoryGroups(db, scope)).map((group) => groupResource(group, origin))
  },
  async one(db, scope, id, origin) {
    return groupResource(await directoryGroup(db, scope, id), origin)
  },
  lock: (db, id) => lockEntry(db, 'directory_groups', id),
  create: async (db, scope, value) => moved(await createGroup(db, scope, factsOf(value))),
  replace: async (db, scope, id, value) =>
    moved(await updateGroup(db, scope, id, factsOf(value), new Date())),
  remove: async (db, scope, id) => moved(await removeGroup(db, scope, id)),
}
