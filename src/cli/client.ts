/**
 * The command line is a client like any other: it finds the server and a key through BASTIDE_URL and
 * BASTIDE_KEY, or through the data folder, and speaks the same HTTP API.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientEnvironment, loadConfig } from '../config.ts'
import { AppError } from '../errors.ts'
import { dataFolderOwner } from '../store/data-folder.ts'

export interface ClientOptions {
  data?: string
  json?: boolean
}

export interface Client {
  url: string
  request<T>(method: string, path: string, body?: unknown): Promise<T>
  /** Every row of a list, page by page. */
  list<Row>(path: string): Promise<Row[]>
  /** The raw answer; throws on an error status. */
  fetch(method: string, path: string, init?: RequestInit): Promise<Response>
}

export const operatorKeyFile = 'operator.key'

export function dataFolderOf(options: ClientOptions): string {
  return loadConfig(options.data ? { dataFolder: options.data } : {}).dataFolder
}

export function openClient(options: ClientOptions): Client {
  const environment = clientEnvironment()
  const folder = dataFolderOf(options)
  const url = environment.url ?? dataFolderOwner(folder)?.url ?? ''
  if (url === '') {
    throw new AppError(
      'unavailable',
      `No server is running on ${folder}. Start it with "./bastide up", or set BASTIDE_URL and BASTIDE_KEY.`,
    )
  }
  const key = environment.key ?? readOperatorKey(folder)
  async function send(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    let response: Response
    try {
      response = await fetch(new URL(path, url), {
        ...init,
        method,
        headers: { ...init.headers, authorization: `Bearer ${key}` },
      })
    } catch (error) {
      throw new AppError('unavailable', `The server at ${url} does not answer.`, { cause: error })
    }
    if (response.ok) return response
    const body = (await response.json().catch(() => null)) as { message?: string } | null
    const message = body?.message ?? `The server answered ${response.status}.`
    throw new AppError(response.status < 500 ? 'invalid_request' : 'upstream_failed', message)
  }
  async function request<T>(method: string, path: string, body?: unknown) {
    const init: RequestInit =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const response = await send(method, path, init)
    return (response.status === 204 ? null : await response.json()) as T
  }
  async function list<Row>(path: string): Promise<Row[]> {
    const rows: Row[] = []
    for (let place = ''; ; ) {
      type Page = { data: Row[]; next: string | null }
      const { data, next } = await request<Page>('GET', `${path}${place}`)
      rows.push(...data)
      if (next === null) return rows
      place = `?after=${encodeURIComponent(next)}`
    }
  }
  return { url, fetch: send, request, list }
}

/** The data folder holds a key for its owner's own command line, readable by nobody else. */
function readOperatorKey(folder: string): string {
  try {
    return readFileSync(join(folder, operatorKeyFile), 'utf8').trim()
  } catch (error) {
    throw new AppError('invalid_request', 'No key: set BASTIDE_KEY to one.', { cause: error })
  }
}
