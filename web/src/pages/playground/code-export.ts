import type { ChatRequest } from '../../api/chat.ts'
import { curlOf } from '../../api/curl.ts'

export const codeFormats = [
  { value: 'curl', label: 'curl' },
  { value: 'python', label: 'OpenAI SDK, Python' },
  { value: 'typescript', label: 'OpenAI SDK, TypeScript' },
] as const

export type CodeFormat = (typeof codeFormats)[number]['value']

/** The request as code that runs outside the console; the key is read from the environment. */
export function codeFor(format: CodeFormat, request: ChatRequest, origin: string): string {
  return { curl, python, typescript }[format](request, origin)
}

const curl = (body: ChatRequest, origin: string) =>
  curlOf({ method: 'POST', path: '/v1/chat/completions', body }, origin)

function python(request: ChatRequest, origin: string): string {
  const fields = Object.entries(request).map(
    ([name, value]) => `    ${name}=${pythonValue(value, 4)},`,
  )
  return `import os
from openai import OpenAI

client = OpenAI(base_url="${origin}/v1", api_key=os.environ["BASTIDE_KEY"])

answer = client.chat.completions.create(
${fields.join('\n')}
)
print(answer.choices[0].message.content)`
}

function typescript(request: ChatRequest, origin: string): string {
  const body = JSON.stringify(request, null, 2).replaceAll(/^(\s*)"([A-Za-z_]\w*)":/gm, '$1$2:')
  return `import OpenAI from 'openai'

const client = new OpenAI({ baseURL: '${origin}/v1', apiKey: process.env.BASTIDE_KEY })

const answer = await client.chat.completions.create(${body})
console.log(answer.choices[0].message.content)`
}

/** JSON and Python literals differ in three words only. */
function pythonValue(value: unknown, indent: number): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value !== 'object') return JSON.stringify(value)
  const pad = ' '.repeat(indent + 4)
  const end = ' '.repeat(indent)
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object')) {
      return `[${value.map((item) => pythonValue(item, indent)).join(', ')}]`
    }
    return `[\n${value.map((item) => `${pad}${pythonValue(item, indent + 4)},`).join('\n')}\n${end}]`
  }
  const entries = Object.entries(value).map(
    ([name, item]) => `${pad}${JSON.stringify(name)}: ${pythonValue(item, indent + 4)},`,
  )
  return `{\n${entries.join('\n')}\n${end}}`
}
