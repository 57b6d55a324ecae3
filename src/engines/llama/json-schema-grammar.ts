/**
 * JSON Schema to GBNF, llama.cpp's grammar notation, so that what the model writes is valid under
 * the schema by construction. What a grammar cannot hold exactly (numeric ranges, unique items,
 * patterns) is refused by name rather than silently dropped, except annotations, which say nothing
 * about validity. Objects are written in the order of their properties; white space is at most one
 * blank, so that a model cannot fill its budget with it.
 */
import { AppError } from '../../errors.ts'

type Schema = Record<string, unknown>

const limits = { depth: 64, rules: 4000, repetitions: 2000, enumValues: 2000 }

/** Keywords that have no influence on validity or are handled below. */
const understood = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'enum',
  'const',
  'anyOf',
  'oneOf',
  'allOf',
  '$ref',
  '$defs',
  'definitions',
  'minLength',
  'maxLength',
  'format',
  'title',
  'description',
  'default',
  'examples',
  '$schema',
  '$id',
  '$comment',
  'deprecated',
  'readOnly',
  'writeOnly',
  'nullable',
  'strict',
  'minimum',
  'maximum',
  'propertyNames',
])

const primitives: Readonly<Record<string, string>> = {
  space: '" "?',
  boolean: '"true" | "false"',
  null: '"null"',
  // Bounded digits: a random or looping model must reach the end of a number.
  integer: '"-"? ("0" | [1-9] [0-9]{0,15})',
  number: 'integer ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,3})?',
  char: '[^"\\\\\\x7F\\x00-\\x1F] | "\\\\" (["\\\\/bfnrt] | "u" [0-9a-fA-F]{4})',
  string: '"\\"" char* "\\""',
  object: '"{" space (string ":" space value ("," space string ":" space value)*)? space "}"',
  array: '"[" space (value ("," space value)*)? space "]"',
  value: 'object | array | string | number | boolean | null',
}

const formats: Readonly<Record<string, string>> = {
  date: '"\\"" [0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | "1" [0-9] | "2" [0-8]) "\\""',
  time: '"\\"" ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] "Z" "\\""',
  'date-time':
    '"\\"" [0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | "1" [0-9] | "2" [0-8]) "T" ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] "Z" "\\""',
  uuid: '"\\"" [0-9a-f]{8} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{12} "\\""',
}

/** A grammar whose `root` is any JSON object; what `format: json` means. */
export function jsonGrammar(): string {
  const rules = Object.entries(primitives).map(([name, body]) => `${name} ::= ${body}`)
  return `root ::= object\n${rules.join('\n')}`
}

/** A grammar whose `root` is the schema. Throws AppError `invalid_request` on what it cannot hold. */
export function jsonSchemaGrammar(schema: Schema): string {
  const rules = new GrammarRules()
  const root = addSchema(rules, schema)
  return rules.text(root)
}

/** Collects rules; several schemas can share one collection (tool calls do). */
export class GrammarRules {
  readonly #rules = new Map<string, string>(Object.entries(primitives))
  readonly references = new Map<string, string>()
  #next = 0

  add(body: string): string {
    const name = this.reserve()
    this.#rules.set(name, body)
    return name
  }

  reserve(): string {
    if (this.#next >= limits.rules) throw invalid('it is too large')
    return `r${this.#next++}`
  }

  define(name: string, body: string): void {
    this.#rules.set(name, body)
  }

  text(root: string): string {
    const rules = [...this.#rules].map(([name, body]) => `${name} ::= ${body}`)
    return `root ::= ${root}\n${rules.join('\n')}`
  }
}

/** Adds the rules of a schema and returns the name of its rule. */
export function addSchema(rules: GrammarRules, schema: unknown): string {
  rules.references.clear()
  return new SchemaRules(rules, schema).rule(schema, 0)
}

const invalid = (reason: string) =>
  new AppError('invalid_request', `The JSON Schema cannot be enforced: ${reason}.`, {
    param: 'response_format',
  })

/** GBNF text of a literal. */
export function literal(text: string): string {
  const escaped = JSON.stringify(text).replace(/\\u([0-9a-f]{4})/g, '\\u$1')
  return escaped.replaceAll('\\b', '\\x08').replaceAll('\\f', '\\x0C')
}

class SchemaRules {
  readonly #rules: GrammarRules
  readonly #document: unknown

  constructor(rules: GrammarRules, document: unknown) {
    this.#rules = rules
    this.#document = document
  }

  rule(schema: unknown, depth: number): string {
    if (depth > limits.depth) throw invalid('it is nested too deeply')
    if (schema === true || schema === undefined) return 'value'
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
      throw invalid('a schema is not an object')
    }
    const { $ref: reference, ...rest } = schema as Schema
    if (typeof reference === 'string') return this.#reference(reference, depth)
    return this.#plain(rest, depth)
  }

  /** Each referenced schema is one rule, made once, so recursion is allowed. */
  #reference(reference: string, depth: number): string {
    const made = this.#rules.references.get(reference)
    if (made) return made
    const name = this.#rules.reserve()
    this.#rules.references.set(reference, name)
    this.#rules.define(name, this.rule(this.#resolve(reference), depth + 1))
    return name
  }

  #resolve(reference: string): unknown {
    if (reference === '#') return this.#document
    if (!reference.startsWith('#/')) throw invalid(`"${reference}" is outside the schema`)
    let target: unknown = this.#document
    for (const part of reference.slice(2).split('/')) {
      const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
      const found =
        typeof target === 'object' && target !== null && Object.hasOwn(target, key)
          ? (target as Schema)[key]
          : undefined
      if (found === undefined) throw invalid(`"${reference}" does not exist`)
      target = found
    }
    return target
  }

  #plain(schema: Schema, depth: number): string {
    const unknown = Object.keys(schema).find((key) => !understood.has(key))
    if (unknown) throw invalid(`the keyword "${unknown.slice(0, 60)}" is not supported`)
    if ('const' in schema) return this.#rules.add(literal(JSON.stringify(schema.const)))
    if (Array.isArray(schema.enum)) return this.#enumeration(schema.enum)
    const alternatives = schema.anyOf ?? schema.oneOf
    if (Array.isArray(alternatives)) return this.#choice(alternatives, schema, depth)
    if (Array.isArray(schema.allOf)) return this.#plain(this.#merge(schema), depth + 1)
    const type = schema.type ?? (schema.properties ? 'object' : schema.items ? 'array' : undefined)
    if (Array.isArray(type)) {
      const each = type.map((one) => this.#plain({ ...schema, type: one }, depth + 1))
      return this.#rules.add(each.join(' | '))
    }
    const rule = this.#typed(type, schema, depth)
    return schema.nullable === true ? this.#rules.add(`${rule} | null`) : rule
  }

  #enumeration(values: unknown[]): string {
    if (values.length === 0 || values.length > limits.enumValues) {
      throw invalid(`an enum of ${values.length} values`)
    }
    return this.#rules.add(values.map((value) => literal(JSON.stringify(value))).join(' | '))
  }

  #choice(alternatives: unknown[], schema: Schema, depth: number): string {
    if (alternatives.length === 0) throw invalid('an empty anyOf')
    const { anyOf: _any, oneOf: _one, ...shared } = schema
    const hasShared = shared.properties !== undefined || shared.type !== undefined
    const each = alternatives.map((one) =>
      this.rule(
        hasShared && typeof one === 'object' && one !== null && !('$ref' in one)
          ? mergeSchemas(shared, one as Schema)
          : one,
        depth + 1,
      ),
    )
    return this.#rules.add(each.join(' | '))
  }

  #merge(schema: Schema): Schema {
    const { allOf, ...merged } = schema
    let result: Schema = merged
    for (const part of allOf as unknown[]) {
      let resolved = part as Schema
      for (let hops = 0; typeof resolved?.$ref === 'string'; hops++) {
        if (hops > limits.depth) throw invalid('allOf refers to itself')
        resolved = this.#resolve(resolved.$ref) as Schema
      }
      if (typeof resolved !== 'object' || resolved === null) throw invalid('allOf of a non-schema')
      result = mergeSchemas(result, resolved)
    }
    return result
  }

  #typed(type: unknown, schema: Schema, depth: number): string {
    switch (type) {
      case undefined:
        return 'value'
      case 'string':
        return this.#string(schema)
      case 'integer':
        return this.#integer(schema)
      case 'number':
        return this.#number(schema)
      case 'boolean':
      case 'null':
        return type
      case 'array':
        return this.#array(schema, depth)
      case 'object':
        return this.#object(schema, depth)
      default:
        throw invalid(`the type "${String(type).slice(0, 60)}" does not exist`)
    }
  }

  #string(schema: Schema): string {
    const format = typeof schema.format === 'string' ? formats[schema.format] : undefined
    if (format) return this.#rules.add(format)
    if (schema.minLength === undefined && schema.maxLength === undefined) return 'string'
    if (schema.maxLength === 0) return this.#rules.add('"\\"\\""')
    const repeat = repetition(schema.minLength, schema.maxLength)
    return this.#rules.add(`"\\"" char${repeat} "\\""`)
  }

  /** Ranges of integers are enforced exactly when small, by sign when they begin at zero or one. */
  #integer(schema: Schema): string {
    const bound = (value: unknown) =>
      // zod writes the safe-integer range on every integer; it limits nothing.
      typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined
    const [minimum, maximum] = [bound(schema.minimum), bound(schema.maximum)]
    if (minimum === undefined && maximum === undefined) return 'integer'
    if (minimum !== undefined && maximum !== undefined) {
      const [low, high] = [Math.ceil(minimum), Math.floor(maximum)]
      if (high < low) throw invalid('a minimum above its maximum')
      if (high - low < limits.enumValues) {
        const values = Array.from({ length: high - low + 1 }, (_, i) => `"${low + i}"`)
        return this.#rules.add(values.join(' | '))
      }
    }
    if (maximum === undefined && minimum === 0) return this.#rules.add('"0" | [1-9] [0-9]{0,15}')
    if (maximum === undefined && minimum === 1) return this.#rules.add('[1-9] [0-9]{0,15}')
    throw invalid('integers can be limited to 0.., 1.. or a range of up to 2000 values')
  }

  #number({ minimum, maximum }: Schema): string {
    if (minimum === undefined && maximum === undefined) return 'number'
    if (minimum === 0 && maximum === 1) {
      return this.#rules.add('"0" ("." [0-9]{1,16})? | "1" (".0")?')
    }
    if (minimum === 0 && maximum === undefined) {
      return this.#rules.add('("0" | [1-9] [0-9]{0,15}) ("." [0-9]{1,16})?')
    }
    throw invalid('numbers can be limited to 0.. or 0..1')
  }

  #array(schema: Schema, depth: number): string {
    const fixed = Array.isArray(schema.prefixItems) ? schema.prefixItems : []
    if (fixed.length > 0) {
      const items = fixed.map((item) => this.rule(item, depth + 1))
      return this.#rules.add(`"[" space ${items.join(' "," space ')} space "]"`)
    }
    const item = this.rule(schema.items, depth + 1)
    const minimum = count(schema.minItems ?? 0, 'minItems')
    const maximum = schema.maxItems === undefined ? undefined : count(schema.maxItems, 'maxItems')
    if (maximum === 0) return this.#rules.add('"[" space "]"')
    const further =
      maximum === 1
        ? ''
        : `("," space ${item})${repetition(Math.max(0, minimum - 1), maximum === undefined ? undefined : maximum - 1)}`
    const list = `${item} ${further}`
    return this.#rules.add(`"[" space ${minimum === 0 ? `(${list})?` : list} space "]"`)
  }

  #object(schema: Schema, depth: number): string {
    const properties = Object.entries((schema.properties ?? {}) as Schema)
    const required = new Set(Array.isArray(schema.required) ? schema.required : [])
    const missing = [...required].find((name) => !properties.some(([key]) => key === name))
    if (missing !== undefined) properties.push([String(missing), true])
    const additional = schema.additionalProperties
    const extra =
      additional !== undefined && additional !== false && additional !== null
        ? this.#rules.add(`string ":" space ${this.rule(additional, depth + 1)}`)
        : null
    if (properties.length === 0) {
      if (additional === undefined) return 'object'
      return this.#rules.add(
        extra ? `"{" space (${extra} ("," space ${extra})*)? space "}"` : '"{" space "}"',
      )
    }
    const members = properties.map(([name, value]) => ({
      text: `${literal(JSON.stringify(name))} ":" space ${this.rule(value, depth + 1)}`,
      required: required.has(name),
    }))
    return this.#rules.add(`"{" space ${this.#members(members, extra)} space "}"`)
  }

  /**
   * Members in order, optional ones skippable. `rest(i)` is "what may follow once something was
   * written", one rule per position, so the grammar grows linearly with the properties.
   */
  #members(members: { text: string; required: boolean }[], extra: string | null): string {
    let rest = extra ? this.#rules.add(`("," space ${extra})*`) : '""'
    let first = extra ? this.#rules.add(`(${extra} ${rest})?`) : '""'
    for (const member of members.toReversed()) {
      const begin = `${member.text} ${rest}`
      const nextFirst = this.#rules.add(member.required ? begin : `${begin} | ${first}`)
      rest = this.#rules.add(
        member.required ? `"," space ${begin}` : `"," space ${begin} | ${rest}`,
      )
      first = nextFirst
    }
    return first
  }
}

function mergeSchemas(left: Schema, right: Schema): Schema {
  const merged = { ...left, ...right }
  if (left.properties || right.properties) {
    merged.properties = { ...(left.properties as Schema), ...(right.properties as Schema) }
  }
  if (left.required || right.required) {
    merged.required = [...((left.required as []) ?? []), ...((right.required as []) ?? [])]
  }
  return merged
}

function count(value: unknown, name: string): number {
  if (!Number.isInteger(value) || (value as number) < 0) throw invalid(`${name} is not a count`)
  if ((value as number) > limits.repetitions) throw invalid(`${name} is over ${limits.repetitions}`)
  return value as number
}

function repetition(minimum: unknown, maximum: unknown): string {
  const low = minimum === undefined ? 0 : count(minimum, 'a minimum')
  if (maximum === undefined) return low === 0 ? '*' : `{${low},}`
  const high = count(maximum, 'a maximum')
  if (high < low) throw invalid('a minimum above its maximum')
  return `{${low},${high}}`
}
