/** Users of a directory, as SCIM has them. */
import {
  createUser,
  directoryUser,
  directoryUsers,
  groupsOfUsers,
  lockEntry,
  removeUser,
  updateUser,
} from '../../access/identity/directory.ts'
import { parseShape } from '../errors.ts'
import type { ScimKind } from './kind-routes.ts'
import { userFacts, userResource, userShape } from './resources.ts'

const factsOf = (value: unknown) => userFacts(parseShape(userShape, value, 'body'))

export const scimUsers: ScimKind = {
  place: 'Users',
  word: 'user',
  subject: 'member',
  async all(db, scope, origin) {
    const users = await directoryUsers(db, scope)
    const ids = users.map(({ id }) => id)
    const groups = await groupsOfUsers(db, scope, ids)
    return users.map((user) => userResource(user, groups.get(user.id) ?? [], origin))
  },
  async one(db, scope, id, origin) {
    const user = await directoryUser(db, scope, id)
    const groups = await groupsOfUsers(db, scope, [id])
    return userResource(user, groups.get(id) ?? [], origin)
  },
  lock: (db, id) => lockEntry(db, 'members', id),
  async create(db, scope, value) {
    const facts = factsOf(value)
    const { id } = await createUser(db, scope, facts, new Date())
    return { id, details: { active: facts.active }, changes: [] }
  },
  async replace(db, scope, id, value) {
    const facts = factsOf(value)
    await updateUser(db, scope, id, facts, new Date())
    return { id, details: { active: facts.active }, changes: [] }
  },
  async remove(db, scope, id) {
    return { id, details: {}, changes: await removeUser(db, scope, id, new Date()) }
  },
}
