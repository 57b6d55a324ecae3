/** The OpenAPI 3.1 document, generated from the route table and the same schemas that validate. */
import { z } from 'zod'
import { referencePage } from './reference-page.ts'
import { type Route, route } from './route.ts'

type Json = Record<string, unknown>

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _draft, ...json } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'date') {
        jsonSchema.type = 'string'
        jsonSchema.format = 'date-time'
      }
    },
  })
  return json
}

function parametersOf(route: Route): Json[] {
  const parameters: Json[] = []
  for (const [place, schema] of [
    ['path', route.params],
    ['query', route.query],
  ] as const) {
    if (!schema) continue
    const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
      properties?: Record<string, Json>
      required?: string[]
    }
    for (const [name, property] of Object.entries(properties)) {
      const must = place === 'path' || required.includes(name)
      parameters.push({ name, in: place, required: must, schema: property })
    }
  }
  return parameters
}

function bodyOf(route: Route): Json | undefined {
  if (route.rawBody === 'multipart/form-data') {
    const file = { type: 'string', format: 'binary' }
    const properties = { file, purpose: { type: 'string' } }
    const schema = { type: 'object', properties, required: ['file'] }
    return { required: true, content: { 'multipart/form-data': { schema } } }
  }
  if (route.rawBody) {
    return {
      required: true,
      content: { [route.rawBody]: { schema: { type: 'string', format: 'binary' } } },
    }
  }
  if (!route.body) return undefined
  return {
    required: true,
    content: { 'application/json': { schema: schemaOf(route.body, 'input') } },
  }
}

function operationOf(route: Route): Json {
  const content: Json = {}
  const status = String(route.status ?? 200)
  if (!route.answers || route.response) {
    const schema = route.response ? schemaOf(route.response, 'output') : { type: 'object' }
    content['application/json'] = { schema }
  }
  for (const type of route.answers ?? []) content[type] = { schema: { type: 'string' } }
  const requestBody = bodyOf(route)
  return {
    summary: route.summary,
    tags: [route.tag],
    operationId: operationId(route),
    ...(route.openai && { 'x-openai': true }),
    ...(route.clients && { 'x-client-sessions': true }),
    ...(route.guard !== 'public' && {
      security: [{ key: [] }],
      'x-permission': route.guard,
    }),
    parameters: parametersOf(route),
    ...(requestBody && { requestBody }),
    responses: {
      [status]: { description: 'The answer', content },
      default: {
        description: 'An error, with what happened and what to do',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  }
}

function operationId(route: Route): string {
  const words = route.path
    .replace(/^\/v1\//, '')
    .split(/[/{}\-_]+/)
    .filter(Boolean)
  return [route.method.toLowerCase(), ...words].join('_')
}

const errorSchema = z.object({
  object: z.literal('error'),
  message: z.string(),
  type: z.string(),
  code: z.string(),
  param: z.string().nullable(),
  request_id: z.string(),
})

function openApiDocument(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Json> = {}
  for (const one of routes) {
    paths[one.path] = { ...paths[one.path], [one.method.toLowerCase()]: operationOf(one) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Bastide',
      version,
      description:
        'One door to every model inside your walls. Routes of the OpenAI dialect also answer under /openai/v1.',
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
      schemas: { Error: schemaOf(errorSchema, 'output') },
    },
  }
}

/** The document and a page that shows it to people. */
export function openApiRoutes(routes: readonly Route[], version: string): Route[] {
  let document: Json | null = null
  let page: string | null = null
  return [
    route({
      method: 'GET',
      path: '/openapi.json',
      guard: 'public',
      summary: 'This API as an OpenAPI 3.1 document',
      tag: 'Operations',
      handler: async () => {
        document ??= openApiDocument(routes, version)
        return document
      },
    }),
    route({
      method: 'GET',
      path: '/reference',
      guard: 'public',
      summary: 'This API as a page for people',
      tag: 'Operations',
      answers: ['text/html'],
      handler: async () => {
        document ??= openApiDocument(routes, version)
        page ??= referencePage(document)
        return new Response(page, {
          headers: {
            'content-type': 'text/html; charset=utf-8',
            'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
          },
        })
      },
    }),
  ]
}
