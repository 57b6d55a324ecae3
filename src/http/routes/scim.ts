/**
 * SCIM 2.0 (RFC 7644): a directory makes, changes and ends users and groups here, so that whoever leaves
 * the company has left this program too.
 */
import { type Route, route } from '../route.ts'
import { answer, common, inScimWords } from '../scim/answers.ts'
import { scimGroups } from '../scim/groups.ts'
import { type ScimParts, scimKindRoutes } from '../scim/kind-routes.ts'
import { resourceTypes, schemas, serviceProviderConfig } from '../scim/resources.ts'
import { scimUsers } from '../scim/users.ts'

export function scimRoutes(parts: ScimParts): Route[] {
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
    ...scimKindRoutes(parts, scimUsers),
    ...scimKindRoutes(parts, scimGroups),
  ]
  return routes.map(inScimWords)
}
