/**
 * SCIM 2.0 (RFC 7644): a directory makes, changes and ends users and groups here, so that whoever leaves
 * the company has left this program too.
 */
import { type Route, route } from '../route.ts'
import { answer, common, inScimWords } from '../scim/answers.ts'
import type { ScimRouteParts } from '../scim/follow.ts'
import { resourceTypes, schemas, serviceProviderConfig } from '../scim/resources.ts'
import { scimGroupRoutes } from './scim-groups.ts'
import { scimUserRoutes } from './scim-users.ts'

export function scimRoutes(parts: ScimRouteParts): Route[] {
  const told = (path: string, summary: string, body: object) =>
    route({ ...common, method: 'GET', path, summary, handler: async () => answer(body) })
  const kinds = {
    schemas: [schemas.list],
    totalResults: resourceTypes.length,
    Resources: resourceTypes,
  }
  const routes = [
    told('/scim/v2/ServiceProviderConfig', 'What this SCIM server can do', serviceProviderConfig),
    told('/scim/v2/ResourceTypes', 'The kinds of SCIM resources', kinds),
    ...scimUserRoutes(parts),
    ...scimGroupRoutes(parts),
  ]
  return routes.map(inScimWords)
}
