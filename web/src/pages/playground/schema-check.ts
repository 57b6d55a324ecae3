import { t } from '../../texts/translate.ts'
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
  if (!isObject(schema))
    return t('A schema is an object, such as {example}.', { example: '{"type": "object", …}' })
  return problemIn(schema, 'schema', 0)
}

function jsonProblem(text: string): string {
  if (text.trim() === '') return t('The schema is empty.')
  const offset = jsonErrorOffset(text)
  const before = text.slice(0, offset).split('\n')
  const found = text[offset] === undefined ? t('the end') : JSON.stringify(text[offset])
  return t('Not JSON: {found} on line {line}, column {column} does not belong there.', {
    found,
    line: before.length,
    column: before.at(-1)!.length + 1,
  })
}

function problemIn(schema: unknown, path: string, depth: number): string | null {
  if (typeof schema === 'boolean') return null
  if (!isObject(schema)) return t('{path} must be an object.', { path })
  if (depth > depthMax)
    return t('{path} is nested more than {depth} levels deep.', { path, depth: depthMax })
  return typeProblem(schema, path) ?? listProblem(schema, path) ?? innerProblem(schema, path, depth)
}

function typeProblem(schema: Record<string, unknown>, path: string): string | null {
  if (schema.type === undefined) return null
  const named = Array.isArray(schema.type) ? schema.type : [schema.type]
  const unknown = named.find((type) => !types.includes(type as string))
  if (unknown === undefined) return null
  return t('{path} is {found}; it can be {types}.', {
    path: `${path}.type`,
    found: JSON.stringify(unknown),
    types: types.join(', '),
  })
}

function listProblem(schema: Record<string, unknown>, path: string): string | null {
  const { required, properties } = schema
  if (schema.enum !== undefined && (!Array.isArray(schema.enum) || schema.enum.length === 0)) {
    return t('{path} must be a list of at least one value.', { path: `${path}.enum` })
  }
  if (required === undefined) return null
  if (!Array.isArray(required) || required.some((name) => typeof name !== 'string')) {
    return t('{path} must be a list of property names.', { path: `${path}.required` })
  }
  const missing = isObject(properties) && required.find((name) => !Object.hasOwn(properties, name))
  return missing
    ? t('{path} names “{name}”, which is not among the properties.', {
        path: `${path}.required`,
        name: missing,
      })
    : null
}

function innerProblem(schema: Record<string, unknown>, path: string, depth: number): string | null {
  for (const keyword of ['properties', '$defs', 'definitions']) {
    const named = schema[keyword]
    if (named === undefined) continue
    if (!isObject(named)) {
      return t('{path} must be an object of schemas.', { path: `${path}.${keyword}` })
    }
    for (const [name, inner] of Object.entries(named)) {
      const problem = problemIn(inner, `${path}.${keyword}.${name}`, depth + 1)
      if (problem) return problem
    }
  }
  for (const keyword of ['anyOf', 'oneOf', 'allOf', 'prefixItems']) {
    const list = schema[keyword]
    if (list === undefined) continue
    if (!Array.isArray(list)) {
      return t('{path} must be a list of schemas.', { path: `${path}.${keyword}` })
    }
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
