/**
 * How a model writes tool calls. The chat template tells: it shows the model past calls in the
 * same notation. Three notations cover the open models in use; a template that knows no tools gets
 * the first one explained in the system message.
 */
import { randomInt } from 'node:crypto'
import type { GenerateRequest, ToolCall, ToolDefinition } from '../contract.ts'
import {
  addSchema,
  GrammarRules,
  jsonGrammar,
  jsonSchemaGrammar,
  literal,
} from './json-schema-grammar.ts'

export interface ToolFormat {
  name: 'hermes' | 'mistral' | 'json'
  /** Text that begins calls; null: the whole answer is the call, recognised by its first `{`. */
  open: string | null
  /** Text that ends one call; null: the end of the answer ends it. */
  close: string | null
  /** Name of the field that holds the arguments. */
  argumentsField: 'arguments' | 'parameters'
  /** Whether the template itself tells the model about tools. */
  native: boolean
}

export function toolFormatOf(template: string): ToolFormat {
  const native = /\btools\b/.test(template)
  if (template.includes('[TOOL_CALLS]')) {
    return {
      name: 'mistral',
      open: '[TOOL_CALLS]',
      close: null,
      argumentsField: 'arguments',
      native,
    }
  }
  if (native && !template.includes('<tool_call>') && template.includes('"parameters"')) {
    return { name: 'json', open: null, close: null, argumentsField: 'parameters', native }
  }
  return {
    name: 'hermes',
    open: '<tool_call>',
    close: '</tool_call>',
    argumentsField: 'arguments',
    native,
  }
}

/** The explanation for models whose template knows no tools. */
export function toolInstructions(tools: readonly ToolDefinition[]): string {
  const list = tools.map((tool) => JSON.stringify(tool)).join('\n')
  return `You may call these functions:\n${list}\nTo call one, write exactly <tool_call>{"name": "...", "arguments": {...}}</tool_call>`
}

/** Calls in one piece of text between the markers; empty when it is none. */
export function parseToolCalls(
  text: string,
  format: ToolFormat,
  tools: readonly ToolDefinition[],
): ToolCall[] {
  const known = new Set(tools.map((tool) => tool.name))
  const calls: ToolCall[] = []
  for (const { name, argumentsText } of parseBody(text.trim(), format)) {
    if (!known.has(name)) return []
    calls.push({ id: callId(), name, arguments: argumentsText })
  }
  return calls
}

interface WrittenCall {
  name: string
  argumentsText: string
}

function parseBody(text: string, format: ToolFormat): WrittenCall[] {
  const named = /^([\w.-]+)(?:\[ARGS\])?\s*(\{[\s\S]*\})$/.exec(text)
  if (format.name === 'mistral' && named) {
    return isJson(named[2]!) ? [{ name: named[1]!, argumentsText: named[2]! }] : []
  }
  const tagged = /^<function=([\w.-]+)>([\s\S]*?)<\/function>$/.exec(text)
  if (tagged) return [{ name: tagged[1]!, argumentsText: taggedArguments(tagged[2]!) }]
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return []
  }
  const written = (Array.isArray(parsed) ? parsed : [parsed]).map(readCall)
  return written.includes(null) ? [] : (written as WrittenCall[])
}

function readCall(value: unknown): WrittenCall | null {
  if (typeof value !== 'object' || value === null) return null
  const { name, arguments: given, parameters } = value as Record<string, unknown>
  if (typeof name !== 'string') return null
  const content = given ?? parameters ?? {}
  return { name, argumentsText: typeof content === 'string' ? content : JSON.stringify(content) }
}

/** `<parameter=key>value</parameter>` lists, as some coding models write them; or plain JSON. */
function taggedArguments(body: string): string {
  if (isJson(body.trim())) return body.trim()
  const values: [string, unknown][] = []
  for (const [, key, value] of body.matchAll(/<parameter=([\w.-]+)>([\s\S]*?)<\/parameter>/g)) {
    const text = value!.replace(/^\n|\n$/g, '')
    values.push([key!, isJson(text) ? JSON.parse(text) : text])
  }
  return JSON.stringify(Object.fromEntries(values))
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const idCharacters = 'abcdefghijkmnpqrstuvwxyz23456789'

/** Nine alphanumeric characters: Mistral's templates refuse any other length. */
function callId(): string {
  return Array.from({ length: 9 }, () => idCharacters[randomInt(idCharacters.length)]).join('')
}

/** The grammar a request needs, or null when its answer is free text. */
export function grammarOf(request: GenerateRequest, format: ToolFormat): string | null {
  const choice = request.toolChoice ?? 'auto'
  const tools = request.tools ?? []
  const forced =
    choice === 'required'
      ? tools
      : typeof choice === 'object'
        ? tools.filter((tool) => tool.name === choice.name)
        : []
  if (forced.length > 0) return toolCallGrammar(forced, format, request.parallelToolCalls !== false)
  switch (request.format?.type) {
    case 'json':
      return jsonGrammar()
    case 'json-schema':
      return jsonSchemaGrammar(request.format.schema)
    case 'grammar':
      return request.format.grammar
    default:
      return null
  }
}

/** One call (or, where the notation and the caller allow it, several) of the given tools. */
function toolCallGrammar(
  tools: readonly ToolDefinition[],
  format: ToolFormat,
  parallel: boolean,
): string {
  const rules = new GrammarRules()
  const calls = tools.map((tool) => {
    const parameters = argumentsRule(rules, tool)
    const name = literal(JSON.stringify(tool.name))
    return rules.add(
      `"{\\"name\\":" space ${name} "," space "\\"${format.argumentsField}\\":" space ${parameters} space "}"`,
    )
  })
  const call = rules.add(calls.join(' | '))
  const more = parallel ? '*' : '{0,0}'
  if (format.name === 'mistral') {
    const list = parallel ? `${call} ("," space ${call})${more}` : call
    return rules.text(rules.add(`"[TOOL_CALLS]" space "[" ${list} "]"`))
  }
  if (format.open === null) return rules.text(call)
  const one = rules.add(`"${format.open}" "\\n"? ${call} "\\n"? "${format.close}"`)
  return rules.text(parallel ? rules.add(`${one} ("\\n"? ${one})${more}`) : one)
}

/** Parameters that a grammar cannot hold exactly are still held to be an object. */
function argumentsRule(rules: GrammarRules, tool: ToolDefinition): string {
  if (!tool.parameters) return 'object'
  try {
    return addSchema(rules, tool.parameters)
  } catch {
    return 'object'
  }
}
