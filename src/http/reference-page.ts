/**
 * The API for people: one page made from the OpenAPI document, so that it says what the server does.
 * No script, nothing loaded from elsewhere; it prints well.
 */
import { referenceStyle } from './reference-style.ts'

type Json = Record<string, unknown>

interface Schema {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  description?: string
  default?: unknown
  format?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  maxItems?: number
}

interface Operation {
  summary: string
  tags: string[]
  operationId: string
  'x-permission'?: string
  'x-openai'?: boolean
  parameters: { name: string; in: string; required: boolean; schema: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>
}

interface Entry {
  method: string
  path: string
  operation: Operation
}

const depthMax = 4

/** The whole page as HTML. */
export function referencePage(document: Json): string {
  const entries = entriesOf(document)
  const tags = Map.groupBy(entries, ({ operation }) => operation.tags[0] ?? 'Other')
  const { version } = document.info as { version: string }
  const contents = [...tags].map(
    ([tag, listed]) =>
      `<li><a href="#${slug(tag)}">${escapeHtml(tag)}</a><ol>${listed.map(contentsLine).join('')}</ol></li>`,
  )
  const sections = [...tags].map(
    ([tag, listed]) =>
      `<section aria-labelledby="${slug(tag)}"><h2 id="${slug(tag)}">${escapeHtml(tag)}</h2>${listed
        .map(operationSection)
        .join('')}</section>`,
  )
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Bastide API</title><style>${referenceStyle}</style></head><body>
<nav aria-label="Contents"><p class="title"><a href="/">Bastide</a> API <small>${escapeHtml(version)}</small></p>
<ol>${contents.join('')}</ol></nav>
<main><h1>API reference</h1>${introduction}${sections.join('')}</main></body></html>`
}

const introduction = `<p>Send <code>Authorization: Bearer KEY</code> (or <code>x-api-key: KEY</code>).
The OpenAI and Mistral SDKs work unchanged: the base address is <code>/v1</code> for OpenAI's, the
server itself for Mistral's. Routes marked <b>OpenAI</b> answer under <code>/openai/v1</code> too. An
error says what happened and what to do, with a stable <code>code</code>; <code>x-should-retry</code>
says whether the same request may be sent again. The same in machine form:
<a href="/openapi.json">openapi.json</a>.</p>`

function entriesOf(document: Json): Entry[] {
  const paths = document.paths as Record<string, Record<string, Operation>>
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  )
}

function contentsLine({ method, path, operation }: Entry): string {
  return `<li><a href="#${operation.operationId}"><span class="method ${method}">${method}</span> ${escapeHtml(path)}</a></li>`
}

function operationSection({ method, path, operation }: Entry): string {
  const permission = operation['x-permission']
  const guard =
    permission === undefined
      ? 'no key needed'
      : permission === 'signed-in'
        ? 'any key'
        : `permission <code>${escapeHtml(permission)}</code>`
  return `<article id="${operation.operationId}">
<h3><span class="method ${method}">${method}</span> <code>${escapeHtml(path)}</code></h3>
<p>${escapeHtml(operation.summary)}. <span class="guard">${guard}</span>${
    operation['x-openai'] ? ' <b class="mark">OpenAI</b>' : ''
  }</p>
${parametersTable(operation)}${bodies(operation)}${example({ method, path, operation })}</article>`
}

function parametersTable({ parameters }: Operation): string {
  if (parameters.length === 0) return ''
  const rows = parameters.map(
    (one) =>
      `<tr><td><code>${escapeHtml(one.name)}</code></td><td>${one.in}</td><td>${typeOf(one.schema)}</td><td>${
        one.required ? 'required' : ''
      } ${constraints(one.schema)}</td></tr>`,
  )
  return table('Parameters', ['name', 'in', 'type', ''], rows)
}

function bodies({ requestBody, responses }: Operation): string {
  const parts: string[] = []
  for (const [media, { schema }] of Object.entries(requestBody?.content ?? {})) {
    parts.push(schemaTable(`Body, ${media}`, schema))
  }
  for (const [status, { content }] of Object.entries(responses)) {
    if (status === 'default') continue
    for (const [media, { schema }] of Object.entries(content ?? {})) {
      parts.push(schemaTable(`Answer ${status}, ${media}`, schema))
    }
  }
  return parts.join('')
}

function schemaTable(title: string, schema: Schema): string {
  const rows = propertyRows(schema, 0)
  if (rows.length === 0) return `<p class="media">${escapeHtml(title)}: ${typeOf(schema)}</p>`
  return table(title, ['field', 'type', ''], rows)
}

function table(title: string, columns: string[], rows: string[]): string {
  return `<details${rows.length <= 12 ? ' open' : ''}><summary>${escapeHtml(title)}</summary>
<div class="scroll"><table><thead><tr>${columns.map((one) => `<th scope="col">${one}</th>`).join('')}</tr></thead>
<tbody>${rows.join('')}</tbody></table></div></details>`
}

/** One row per field, those of nested objects indented below it. */
function propertyRows(schema: Schema, depth: number): string[] {
  const inner = objectOf(schema)
  if (!inner?.properties || depth > depthMax) return []
  return Object.entries(inner.properties).flatMap(([name, property]) => {
    const required = inner.required?.includes(name) ? 'required' : ''
    const cell = `<td style="padding-left:${0.6 + depth * 1.2}rem"><code>${escapeHtml(name)}</code></td>`
    const notes = [required, constraints(property)].filter(Boolean).join(' ')
    return [
      `<tr>${cell}<td>${typeOf(property)}</td><td>${notes}</td></tr>`,
      ...propertyRows(property, depth + 1),
    ]
  })
}

/** The object a schema describes, through lists and alternatives with null. */
function objectOf(schema: Schema): Schema | null {
  if (schema.properties) return schema
  if (schema.items) return objectOf(schema.items)
  const alternatives = schema.anyOf ?? schema.oneOf ?? []
  return alternatives.map(objectOf).find((one) => one !== null) ?? null
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return `<code>${escapeHtml(JSON.stringify(schema.const))}</code>`
  if (schema.enum) {
    return schema.enum.map((one) => `<code>${escapeHtml(JSON.stringify(one))}</code>`).join(' | ')
  }
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives) return [...new Set(alternatives.map(typeOf))].join(' | ')
  if (schema.items) return `list of ${typeOf(schema.items)}`
  const types = [schema.type ?? 'any'].flat().join(' | ')
  return escapeHtml(schema.format ? `${types} (${schema.format})` : types)
}

function constraints(schema: Schema): string {
  const parts: string[] = []
  if (schema.description) parts.push(escapeHtml(schema.description))
  const bounded = [schema, ...(schema.anyOf ?? [])]
  for (const one of bounded) {
    if (one.minimum !== undefined && one.minimum > -1e15) parts.push(`from ${one.minimum}`)
    if (one.maximum !== undefined && one.maximum < 1e15) parts.push(`to ${one.maximum}`)
    if (one.maxLength !== undefined) parts.push(`at most ${one.maxLength} characters`)
    if (one.maxItems !== undefined) parts.push(`at most ${one.maxItems} entries`)
  }
  if (schema.default !== undefined) {
    parts.push(`default <code>${escapeHtml(JSON.stringify(schema.default))}</code>`)
  }
  return parts.join(', ')
}

function example({ method, path, operation }: Entry): string {
  const shown = path.replace(/\{(\w+)\}/g, (_, name: string) => `$${name.toUpperCase()}`)
  const lines = [`curl ${method === 'GET' ? '' : `-X ${method} `}"$BASTIDE_URL${shown}"`]
  if (operation['x-permission'] !== undefined) {
    lines.push(`-H "Authorization: Bearer $BASTIDE_KEY"`)
  }
  const [media, body] = Object.entries(operation.requestBody?.content ?? {})[0] ?? []
  if (media === 'application/json' && body) {
    const required = objectOf(body.schema)
    const sample = required ? sampleOf(required) : {}
    lines.push(`-H "Content-Type: application/json"`, `-d '${JSON.stringify(sample)}'`)
  } else if (media === 'multipart/form-data') {
    lines.push('-F file=@FILE')
  } else if (media) {
    lines.push('--data-binary @FILE')
  }
  return `<pre><code>${escapeHtml(lines.join(' \\\n  '))}</code></pre>`
}

/** The required fields with a value of their type; for the example only. */
function sampleOf(schema: Schema): Json {
  const required = Object.entries(schema.properties ?? {}).filter(([name]) =>
    schema.required?.includes(name),
  )
  return Object.fromEntries(required.map(([name, property]) => [name, sampleValue(property)]))
}

function sampleValue(schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  const alternative = (schema.anyOf ?? schema.oneOf)?.[0]
  if (alternative) return sampleValue(alternative)
  const type = [schema.type].flat()[0]
  if (type === 'array') return schema.items ? [sampleValue(schema.items)] : []
  if (type === 'object') return sampleOf(schema)
  if (type === 'integer' || type === 'number') return Math.max(1, schema.minimum ?? 1)
  if (type === 'boolean') return true
  return '…'
}

function slug(text: string): string {
  return `tag-${text.toLowerCase().replace(/\W+/g, '-')}`
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return text.replace(/[&<>"]/g, (character) => entities[character]!)
}
