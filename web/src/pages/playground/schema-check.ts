import { jsonErrorOffset } from './json-position.ts'

const types = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']
const depthMax = 32

/** Says what is wrong with the text of a JSON schema and where; null when it may be sent. */
export function checkSchema(text: string): string | null {
  let schema: unknown
  try {
    schema = JSON.parse(text)
  } catch {
    return jsonProblem(text)
  }
  if (!isObject(schema)) return 'A schema is an object, such as {"type": "object", …}.'
  return problemIn(schema, 'schema', 0)
}

function jsonProblem(text: string): string {
  if (text.trim() === '') return 'The schema is empty.'
  const offset = jsonErrorOffset(text)
  const before = text.slice(0, offset).split('\n')
  const found = text[offset] === undefined ? 'the end' : JSON.stringify(text[offset])
  return `Not JSON: ${found} on line ${before.length}, column ${before.at(-1)!.length + 1} does not belong there.`
}

function problemIn(schema: unknown, path: string, depth: number): string | null {
  if (typeof schema === 'boolean') return null
  if (!isObject(schema)) return `${path} must be an object.`
  if (depth > depthMax) return `${path} is nested more than ${depthMax} levels deep.`
  return typeProblem(schema, path) ?? listProblem(schema, path) ?? innerProblem(schema, path, depth)
}

function typeProblem(schema: Record<string, unknown>, path: string): string | null {
  if (schema.type === undefined) return null
  const named = Array.isArray(schema.type) ? schema.type : [schema.type]
  const unknown = named.find((type) => !types.includes(type as string))
  if (unknown === undefined) return null
  return `${path}.type is ${JSON.stringify(unknown)}; it can be ${types.join(', ')}.`
}

function listProblem(schema: Record<string, unknown>, path: string): string | null {
  const { required, properties } = schema
  if (schema.enum !== undefined && (!Array.isArray(schema.enum) || schema.enum.length === 0)) {
    return `${path}.enum must be a list of at least one value.`
  }
  if (required === undefined) return null
  if (!Array.isArray(required) || required.some((name) => typeof name !== 'string')) {
    return `${path}.required must be a list of property names.`
  }
  const missing = isObject(properties) && required.find((name) => !Object.hasOwn(properties, name))
  return missing ? `${path}.required names "${missing}", which is not among the properties.` : null
}

function innerProblem(schema: Record<string, unknown>, path: string, depth: number): string | null {
  for (const keyword of ['properties', '$defs', 'definitions']) {
    const named = schema[keyword]
    if (named === undefined) continue
    if (!isObject(named)) return `${path}.${keyword} must be an object of schemas.`
    for (const [name, inner] of Object.entries(named)) {
      const problem = problemIn(inner, `${path}.${keyword}.${name}`, depth + 1)
      if (problem) return problem
    }
  }
  for (const keyword of ['anyOf', 'oneOf', 'allOf', 'prefixItems']) {
    const list = schema[keyword]
    if (list === undefined) continue
    if (!Array.isArray(list)) return `${path}.${keyword} must be a list of schemas.`
    for (const [index, inner] of list.entries()) {
      const problem = problemIn(inner, `${path}.${keyword}[${index}]`, depth + 1)
      if (problem) return problem
    }
  }
  for (const keyword of ['items', 'additionalProperties', 'not']) {
    if (schema[keyword] === undefined) continue
    const problem = problemIn(schema[keyword], `${path}.${keyword}`, depth + 1)
    if (problem) return problem
  }
  return null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
