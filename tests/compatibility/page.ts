/** The compatibility page: what the tests saw of each SDK, and what became of the rest. */
import { readFileSync } from 'node:fs'
import { allMethods, callBlindly } from './surface.ts'
import type { Evidence, Sdk } from './witness.ts'

export const pagePath = new URL('../../docs/compatibility.md', import.meta.url)

type State = 'works' | 'differs' | 'not offered' | 'not tried'

interface Line {
  state: State
  notes: string[]
  /** Test files that saw it. */
  files: string[]
}

interface Package {
  name: string
  version: string
}

function packageOf(name: string): Package {
  const path = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string }
  return { name, version }
}

const packages: Record<Sdk, () => Package> = {
  openai: () => packageOf('openai'),
  mistral: () => packageOf('@mistralai/mistralai'),
  'ai-sdk': () => packageOf('@ai-sdk/openai-compatible'),
}

/** A refusal that says that there is no such thing here, in words of some length. */
async function isClearRefusal(response: Response): Promise<boolean> {
  if (![404, 405, 501].includes(response.status)) return false
  const { code, message } = (await response.clone().json()) as { code: string; message: string }
  if (message.length < 20) return false
  // A 404 may also say that a thing of this name is not here, of a route that is.
  return code !== 'not_found' || message.startsWith('There is no /')
}

/** Every method with its state: as the evidence says, and for the rest as the running server answers. */
export async function linesOf(
  server: { url: string; key: string },
  evidence: Evidence,
): Promise<Map<Sdk, Map<string, Line>>> {
  let refused: boolean | null = null
  const send: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    refused ??= await isClearRefusal(response)
    return response
  }
  const lines = new Map<Sdk, Map<string, Line>>()
  for (const method of allMethods(server, send)) {
    const { sdk, name } = method
    const files = Object.keys(evidence).filter((file) => evidence[file]![sdk]?.[name])
    const notes = files.flatMap((file) => evidence[file]![sdk]![name]!)
    let state: State = notes.length > 0 ? 'differs' : 'works'
    if (files.length === 0) {
      refused = null
      await callBlindly(method, () => refused !== null)
      state = refused ? 'not offered' : 'not tried'
    }
    if (!lines.has(sdk)) lines.set(sdk, new Map())
    lines.get(sdk)!.set(name, { state, notes, files })
  }
  return lines
}

/** Names that begin alike, together: what is not offered is a long list. */
function grouped(names: string[]): string[] {
  const groups = new Map<string, string[]>()
  for (const name of names) {
    const last = name.lastIndexOf('.')
    const group = name.slice(0, last)
    groups.set(group, [...(groups.get(group) ?? []), name.slice(last + 1)])
  }
  return [...groups].map(([group, members]) => `- \`${group}\`: ${members.join(', ')}`)
}

export function pageText(lines: Map<Sdk, Map<string, Line>>): string {
  const parts = [
    '# Compatibility',
    '',
    'Written by `node tests/compatibility.ts`; do not edit. A call stands as working where a test made it with',
    'the unchanged SDK against the real server and it succeeded. What is not offered was called too, and answers',
    '404, 405 or 501 with a sentence.',
  ]
  for (const [sdk, methods] of lines) {
    const { name, version } = packages[sdk]()
    const having = (state: State) => [...methods].filter(([, line]) => line.state === state)
    const inTests = ({ files }: Line) =>
      files.map((file) => file.replace('.test.ts', '')).join(', ')
    const works = having('works').map(([method, line]) => `- \`${method}\` (${inTests(line)})`)
    const others = having('differs').map(
      ([method, line]) => `- \`${method}\` (${inTests(line)}): ${line.notes.join(' ')}`,
    )
    parts.push('', `## ${name} ${version}`, '', `Works (${works.length}):`, '', ...works)
    if (others.length > 0) parts.push('', `Works differently (${others.length}):`, '', ...others)
    const [missing, untried] = [having('not offered'), having('not tried')]
    if (missing.length > 0) {
      parts.push('', `Not offered (${missing.length}):`, '')
      parts.push(...grouped(missing.map(([method]) => method)))
    }
    if (untried.length > 0) {
      const why =
        'convenience of the client over other calls, work within it, or no call without real arguments'
      parts.push('', `Not tried by a test (${untried.length}; ${why}):`, '')
      parts.push(...grouped(untried.map(([method]) => method)))
    }
  }
  return `${parts.join('\n')}\n`
}
