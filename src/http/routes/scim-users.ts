/** Users of a directory (SCIM 2.0, RFC 7644): made, changed, suspended, ended. */
import { z } from 'zod'
import {
  createUser,
  type DirectoryUser,
  directoryUser,
  directoryUsers,
  groupsOfUsers,
  removeUser,
  updateUser,
} from '../../access/identity/directory.ts'
import type { Scope } from '../../access/scope.ts'
import { originOf } from '../public-address.ts'
import { type Route, route } from '../route.ts'
import { answer, common, listed, listQuery, patched, shaped } from '../scim/answers.ts'
import { createFollow, type ScimIncoming, type ScimRouteParts } from '../scim/follow.ts'
import { patchShape, userFacts, userResource, userShape } from '../scim/resources.ts'
import { idParams } from '../shapes.ts'

export function scimUserRoutes(parts: ScimRouteParts): Route[] {
  const { db, change, publicUrl } = parts
  const follow = createFollow(parts)

  async function resourcesOf(scope: Scope, users: DirectoryUser[], request: Request) {
    const groups = await groupsOfUsers(
      db,
      scope,
      users.map(({ id }) => id),
    )
    const origin = originOf(request, publicUrl)
    return users.map((user) => userResource(user, groups.get(user.id) ?? [], origin))
  }

  async function update(incoming: ScimIncoming, value: unknown): Promise<Response> {
    const facts = userFacts(shaped(userShape, value))
    const user = await change(incoming, 'directory.update_user', async (transaction) => {
      const { scope, params } = incoming
      const result = await updateUser(transaction, scope, params.id, facts, new Date())
      const details = { active: facts.active }
      return { result, subject: { kind: 'member', id: result.id }, details }
    })
    follow.seen()
    return answer((await resourcesOf(incoming.scope, [user], incoming.request))[0])
  }

  return [
    route({
      ...common,
      method: 'GET',
      path: '/scim/v2/Users',
      summary: 'List or find users (SCIM)',
      query: listQuery,
      handler: async ({ scope, query, request }) => {
        const users = await directoryUsers(db, scope)
        return listed(await resourcesOf(scope, users, request), query)
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: '/scim/v2/Users',
      summary: 'Make a user (SCIM)',
      body: z.looseObject({}),
      handler: async (incoming) => {
        const facts = userFacts(shaped(userShape, incoming.body))
        const user = await change(incoming, 'directory.create_user', async (transaction) => {
          const result = await createUser(transaction, incoming.scope, facts, new Date())
          const details = { active: facts.active }
          return { result, subject: { kind: 'member', id: result.id }, details }
        })
        return answer((await resourcesOf(incoming.scope, [user], incoming.request))[0], 201)
      },
    }),
    route({
      ...common,
      method: 'GET',
      path: '/scim/v2/Users/{id}',
      summary: 'A user (SCIM)',
      params: idParams,
      handler: async ({ scope, params, request }) => {
        const user = await directoryUser(db, scope, params.id)
        return answer((await resourcesOf(scope, [user], request))[0])
      },
    }),
    route({
      ...common,
      method: 'PUT',
      path: '/scim/v2/Users/{id}',
      summary: 'Replace a user (SCIM)',
      params: idParams,
      body: z.looseObject({}),
      handler: (incoming) => update(incoming, incoming.body),
    }),
    route({
      ...common,
      method: 'PATCH',
      path: '/scim/v2/Users/{id}',
      summary: 'Change a user (SCIM)',
      params: idParams,
      body: z.looseObject({}),
      handler: async (incoming) => {
        const { scope, params, request } = incoming
        const body = shaped(patchShape, incoming.body)
        const user = await directoryUser(db, scope, params.id)
        const [resource] = await resourcesOf(scope, [user], request)
        return update(incoming, patched(resource!, body))
      },
    }),
    route({
      ...common,
      method: 'DELETE',
      path: '/scim/v2/Users/{id}',
      summary: 'End a user (SCIM)',
      params: idParams,
      handler: async (incoming) => {
        await change(incoming, 'directory.remove_user', async (transaction) => {
          const { scope, params } = incoming
          const changes = await removeUser(transaction, scope, params.id, new Date())
          await follow.tell(transaction, incoming, changes)
          return { result: null, subject: { kind: 'member', id: params.id } }
        })
        follow.seen()
        return null
      },
    }),
  ]
}
