/** `bastide model import hf:… | oci:…`, which the server does, and `bastide model quarantine`. */
import { AppError } from '../errors.ts'
import { type Client, type ClientOptions, openClient } from './client.ts'
import { printJson, printLine, printTable } from './print.ts'
import { mebibyte, megabyteBar } from './transfer.ts'

export interface SourceImportOptions extends ClientOptions {
  name?: string
  alias?: string
  task?: string
  licence?: string
  country?: string
  maker?: string
  purpose?: string
  endpoint?: string
  secret?: string
  sha256?: string
  detach?: boolean
}

interface ModelImport {
  id: string
  status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  done_bytes: number
  total_bytes: number | null
  package: string | null
  alias: string | null
  origin: { url: string; revision: string } | null
  error: { code: string; message: string } | null
}

const pollMs = 500

/** Starts an import and watches it; interrupted here, it goes on there. */
export async function importFromSource(source: string, options: SourceImportOptions) {
  const client = openClient(options)
  const { data: _data, json, detach, ...wish } = options
  const started = await client.request<ModelImport>('POST', '/v1/model-imports', {
    source,
    ...wish,
  })
  if (detach) {
    if (json) return printJson(started)
    return printLine(`${started.id} is under way; see it with GET /v1/model-imports/${started.id}.`)
  }
  const ended = await watch(client, started, json)
  if (ended.status !== 'done') {
    throw new AppError('upstream_failed', ended.error?.message ?? `The import was ${ended.status}.`)
  }
  if (json) return printJson(ended)
  printLine(`Imported ${ended.origin?.url}`)
  printLine(`as ${ended.package}`)
  if (ended.alias) printLine(`Call it as: ${ended.alias}`)
}

async function watch(client: Client, started: ModelImport, json: boolean | undefined) {
  let seen = started
  let bar: ReturnType<typeof megabyteBar> | null = null
  try {
    while (seen.status === 'queued' || seen.status === 'running') {
      await new Promise((resume) => setTimeout(resume, pollMs))
      seen = await client.request<ModelImport>('GET', `/v1/model-imports/${started.id}`)
      if (!bar && seen.total_bytes) bar = megabyteBar('Fetching', seen.total_bytes, json)
      bar?.update(seen.done_bytes)
    }
  } finally {
    bar?.stop()
  }
  return seen
}

interface Quarantined {
  id: string
  name: string
  source: string
  sha256: string
  size_bytes: number
  reason: string
  created_at: string
}

export async function listQuarantine(options: ClientOptions): Promise<void> {
  const data = await openClient(options).list<Quarantined>('/v1/quarantine')
  if (options.json) return printJson(data)
  if (data.length === 0) return printLine('No model file has failed a check.')
  printTable(
    ['id', 'when', 'file', 'MB', 'from', 'why'],
    data.map((one) => [
      one.id,
      one.created_at.slice(0, 16),
      one.name,
      (one.size_bytes / mebibyte).toFixed(1),
      one.source,
      one.reason,
    ]),
  )
}

export async function removeQuarantined(id: string, options: ClientOptions): Promise<void> {
  await openClient(options).request('DELETE', `/v1/quarantine/${encodeURIComponent(id)}`)
  if (options.json) return printJson({ removed: id })
  printLine(`Removed ${id}.`)
}
