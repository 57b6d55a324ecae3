/**
 * Clients that use the program all the time and write down what was acknowledged to them, while
 * something else kills and restarts it. A request that got no answer, or another than 2xx, promised
 * nothing; answers that say neither "done" nor "try again" are written down as complaints.
 */
import { createHash } from 'node:crypto'
import sharp from 'sharp'

export interface AcknowledgedCall {
  callId: string
  keyId: string | null
}

export interface Acknowledged {
  calls: AcknowledgedCall[]
  /** File id -> SHA-256 of its content. */
  files: Map<string, string>
  /** Key id -> secret. */
  keys: Map<string, string>
  /** Batch id -> custom ids of its lines. */
  batches: Map<string, string[]>
  documents: string[]
  complaints: string[]
  /** Requests without an answer. */
  interrupted: number
  /** Requests answered with a limit met, or a failure that may pass. */
  refused: number
}

export function nothingAcknowledged(): Acknowledged {
  return {
    calls: [],
    files: new Map(),
    keys: new Map(),
    batches: new Map(),
    documents: [],
    complaints: [],
    interrupted: 0,
    refused: 0,
  }
}

export interface LimitedKey {
  id: string
  secret: string
}

/** Where the program is at the moment; the address changes with each start. */
export interface Target {
  url: string
  adminKey: string
  /** Keys under limits: the first far from them, the second meets them. */
  limitedKeys: [LimitedKey, LimitedKey]
}

export interface Answer {
  status: number
  text: string
}

/** A client that found nobody there waits before it asks again. */
const restartMs = 200
const answerTimeoutMs = 30_000
/** A limit met, and failures that may pass. Anything else is no answer to a sound request. */
const excused = new Set([429, 503])

async function send(
  target: Target,
  method: string,
  path: string,
  options: { key?: string; json?: unknown; form?: FormData } = {},
): Promise<Answer | null> {
  try {
    const response = await fetch(new URL(path, target.url), {
      method,
      headers: {
        authorization: `Bearer ${options.key ?? target.adminKey}`,
        ...(options.json !== undefined && { 'content-type': 'application/json' }),
      },
      body: options.form ?? (options.json === undefined ? null : JSON.stringify(options.json)),
      signal: AbortSignal.timeout(answerTimeoutMs),
    })
    return { status: response.status, text: await response.text() }
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') throw error
    return null
  }
}

type Step = (client: Client) => Promise<void>

interface Client {
  target: Target
  acknowledged: Acknowledged
  random: () => number
  /** The answer's body when it was 2xx. */
  ask<T>(method: string, path: string, options?: Parameters<typeof send>[3]): Promise<T | null>
}

const messages = (random: () => number) => [
  { role: 'user', content: `Say something about number ${Math.floor(random() * 1000)}.` },
]

const chat: Step = async ({ target, acknowledged, random, ask }) => {
  const [roomy, tight] = target.limitedKeys
  const key = random() < 0.8 ? roomy : tight
  const stream = random() < 0.5
  const max_tokens = 1 + Math.floor(random() * 60)
  const json = { model: 'tiny', messages: messages(random), max_tokens, stream }
  const answer = await ask<ChatAnswer | string>('POST', '/v1/chat/completions', {
    key: key.secret,
    json,
  })
  const receipt = typeof answer === 'string' ? streamReceipt(answer) : answer?.bastide
  if (!receipt) return
  acknowledged.calls.push({
    callId: receipt.call_id,
    keyId: key.id,
  })
}

interface ChatAnswer {
  bastide: { call_id: string }
}

/** A stream acknowledges with the receipt in its closing chunk. */
function streamReceipt(text: string): ChatAnswer['bastide'] | undefined {
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => wholeJson<ChatAnswer>(line.slice('data: '.length))?.bastide)
    .find((receipt) => receipt !== undefined)
}

/** A line that was cut off in the middle says nothing. */
function wholeJson<T>(text: string): T | null {
  try {
    return JSON.parse(text) as T
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

const upload: Step = async ({ acknowledged, random, ask }) => {
  const content = Buffer.alloc(1 + Math.floor(random() * 300_000))
  for (let at = 0; at < content.length; at += 4) {
    content.writeUInt8(Math.floor(random() * 256), at)
  }
  const form = new FormData()
  form.set('purpose', 'user_data')
  form.set('file', new File([content], 'random.bin'))
  const file = await ask<{ id: string }>('POST', '/v1/files', { form })
  if (file) {
    acknowledged.files.set(file.id, createHash('sha256').update(content).digest('hex'))
  }
}

const makeKey: Step = async ({ acknowledged, random, ask }) => {
  const json = { name: `key ${Math.floor(random() * 1e9)}` }
  const made = await ask<{ id: string; key: string }>('POST', '/v1/keys', { json })
  if (made) acknowledged.keys.set(made.id, made.key)
}

const linesPerBatch = 10

const startBatch: Step = async ({ acknowledged, random, ask }) => {
  const customIds = Array.from({ length: linesPerBatch }, (_, index) => `line ${index}`)
  const lines = customIds.map((custom_id) =>
    JSON.stringify({
      custom_id,
      method: 'POST',
      url: '/v1/chat/completions',
      body: { model: 'tiny', messages: messages(random), max_tokens: 4 },
    }),
  )
  const form = new FormData()
  form.set('purpose', 'batch')
  form.set('file', new File([lines.join('\n')], 'lines.jsonl'))
  const file = await ask<{ id: string }>('POST', '/v1/files', { form })
  if (!file) return
  const json = { input_file_id: file.id, endpoint: '/v1/chat/completions' }
  const batch = await ask<{ id: string }>('POST', '/v1/batches', { json })
  if (batch) acknowledged.batches.set(batch.id, customIds)
}

export const pictureText = 'Invoice 4711'

let picture: Promise<Buffer> | undefined

function smallPicture(): Promise<Buffer> {
  const svg = `<svg width="420" height="90" xmlns="http://www.w3.org/2000/svg">
    <rect width="100%" height="100%" fill="white"/>
    <text x="20" y="60" font-family="sans-serif" font-size="40">${pictureText}</text></svg>`
  picture ??= sharp(Buffer.from(svg)).png().toBuffer()
  return picture
}

const addDocument: Step = async ({ acknowledged, ask }) => {
  const form = new FormData()
  form.set('file', new File([new Uint8Array(await smallPicture())], 'page.png'))
  const document = await ask<{ id: string }>('POST', '/v1/documents', { form })
  if (document) acknowledged.documents.push(document.id)
}

const readPicture: Step = async ({ acknowledged, ask }) => {
  const image_url = `data:image/png;base64,${(await smallPicture()).toString('base64')}`
  const json = { document: { type: 'image_url', image_url } }
  const answer = await ask<ChatAnswer>('POST', '/v1/ocr', { json })
  if (!answer) return
  acknowledged.calls.push({
    callId: answer.bastide.call_id,
    keyId: null,
  })
}

/** What is done by how many clients at once, and how long each rests in between. */
const work: [step: Step, clients: number, restMs: number][] = [
  [chat, 3, 20],
  [upload, 1, 120],
  [makeKey, 1, 200],
  [startBatch, 1, 2_000],
  [addDocument, 1, 3_000],
  [readPicture, 1, 2_500],
]

/** Starts the clients; the returned function ends them and resolves when the last has ended. */
export function startClients(
  target: Target,
  acknowledged: Acknowledged,
  random: () => number,
): () => Promise<void> {
  let running = true
  const ask: Client['ask'] = async <T>(
    method: string,
    path: string,
    options?: Parameters<typeof send>[3],
  ) => {
    const answer = await send(target, method, path, options)
    if (answer && answer.status < 300) {
      return (wholeJson<T>(answer.text) ?? answer.text) as T
    }
    if (!answer) {
      acknowledged.interrupted += 1
      await new Promise((resume) => setTimeout(resume, restartMs))
    } else if (excused.has(answer.status)) acknowledged.refused += 1
    else acknowledged.complaints.push(`${method} ${path}: ${answer.status} ${answer.text}`)
    return null
  }
  const client: Client = { target, acknowledged, random, ask }
  const loop = async (step: Step, restMs: number) => {
    while (running) {
      await step(client)
      await new Promise((resume) => setTimeout(resume, restMs))
    }
  }
  const loops = work.flatMap(([step, clients, restMs]) =>
    Array.from({ length: clients }, () => loop(step, restMs)),
  )
  const ended = Promise.all(loops)
  return async () => {
    running = false
    await ended
  }
}
