/** All methods that an SDK's client has, found by reflection, and what calling one that no test called does. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { HTTPClient, Mistral } from '@mistralai/mistralai'
import OpenAI from 'openai'
import { type Sdk, settled } from './witness.ts'

export interface Method {
  sdk: Sdk
  /** As a program writes it behind the client. */
  name: string
  call(...given: unknown[]): unknown
}

type Fetch = typeof fetch

/** Resources have methods on their prototypes; the clients differ in where a resource hangs. */
function methodsOf(sdk: Sdk, holder: object, path: string, found: Method[]): void {
  if (path.split('.').length > 8) return
  const resources = new Map<string, object>()
  const add = (name: string, value: unknown) => {
    const isResource =
      typeof value === 'object' && value !== null && !name.startsWith('_') && isOwnClass(value)
    if (isResource) resources.set(name, value as object)
  }
  for (const name of Object.keys(holder)) add(name, Reflect.get(holder, name))
  let level = Object.getPrototypeOf(holder)
  for (; level && level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const [name, { get, value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (name === 'constructor' || name.startsWith('_')) continue
      if (get) add(name, Reflect.get(holder, name))
      else if (typeof value === 'function' && path) {
        const call = (...given: unknown[]) => value.apply(holder, given)
        found.push({ sdk, name: `${path}.${name}`, call })
      }
    }
  }
  for (const [name, resource] of resources) {
    methodsOf(sdk, resource, path ? `${path}.${name}` : name, found)
  }
}

/** Not a plain object, an array, or something of the language. */
function isOwnClass(value: object): boolean {
  const { constructor: itsClass } = value
  return itsClass !== Object && !Reflect.has(globalThis, itsClass?.name ?? '')
}

/** The methods of all three SDKs, on clients that send through `send`. */
export function allMethods(server: { url: string; key: string }, send: Fetch): Method[] {
  const found: Method[] = []
  const baseURL = `${server.url}/v1`
  const { key: apiKey } = server
  const openai = new OpenAI({ apiKey, adminAPIKey: apiKey, baseURL, maxRetries: 0, fetch: send })
  methodsOf('openai', openai, '', found)
  const httpClient = new HTTPClient({ fetcher: (input, init) => send(input as Request, init) })
  const mistral = new Mistral({ apiKey: server.key, serverURL: server.url, httpClient })
  methodsOf('mistral', mistral, '', found)
  const options = { name: 'bastide', apiKey: server.key, baseURL, fetch: send }
  const provider = createOpenAICompatible(options)
  const models = {
    chatModel: provider.chatModel('tiny'),
    completionModel: provider.completionModel('tiny'),
    embeddingModel: provider.embeddingModel('tiny-embed'),
    imageModel: provider.imageModel('tiny'),
  }
  for (const [name, model] of Object.entries(models)) {
    const ofModel: Method[] = []
    methodsOf('ai-sdk', model, name, ofModel)
    found.push(...ofModel.filter((one) => /\.do[A-Z]\w+$/.test(one.name)))
  }
  const unique = new Map(found.map((method) => [`${method.sdk} ${method.name}`, method]))
  return [...unique.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
}

interface Issue {
  path: (string | number)[]
  expected?: string
  values?: unknown[]
  errors?: Issue[][]
}

const ofType: Record<string, unknown> = {
  string: 'none',
  number: 1,
  int: 1,
  boolean: false,
  array: [],
  object: {},
  record: {},
  date: new Date(0),
}

/** Gives an argument what a validation found missing. */
function fill(holder: Record<string | number, unknown>, issue: Issue, prefix: Issue['path'] = []) {
  const first = issue.errors?.find((branch) => branch.length > 0)
  const path = [...prefix, ...issue.path]
  if (first) {
    for (const nested of first) fill(holder, nested, path)
    return
  }
  let place = holder
  for (const step of path.slice(0, -1)) {
    place[step] ??= {}
    place = place[step] as typeof holder
  }
  place[path.at(-1) ?? ''] = issue.values?.[0] ?? ofType[issue.expected ?? 'string'] ?? 'none'
}

/**
 * Calls a method with arguments that mean nothing, until a request goes out or it is clear that none will.
 * What comes of the call itself does not matter: `send` has seen the answer.
 */
export async function callBlindly({ call, sdk }: Method, hasSent: () => boolean): Promise<void> {
  const request: Record<string, unknown> = {}
  const attempts = sdk === 'openai' ? openaiArguments : Array.from({ length: 8 }, () => [request])
  for (const given of attempts) {
    try {
      await Promise.race([settled(call(...given)), longEnough()])
    } catch (error) {
      const { issues } = (error as { cause?: { issues?: Issue[] } }).cause ?? {}
      for (const issue of issues ?? []) fill(request, issue)
    }
    if (hasSent()) return
  }
}

/** Some calls ask until something is finished, or wait for what will not come. */
const longEnough = () => new Promise((resume) => setTimeout(resume, 1_000).unref())

/** Ids come first, and the parameters that name further ids behind them. */
const named = new Proxy({} as Record<string, unknown>, {
  get: (_, name) => (typeof name === 'string' && /_?(id|ID)$/.test(name) ? 'none' : undefined),
})
const openaiArguments = [
  [{}],
  ['none'],
  ['none', {}],
  ['none', named],
  ['none', 'none'],
  ['none', 'none', {}],
]
