/** `bastide key …` */
import { type ClientOptions, openClient } from './client.ts'
import { printJson, printLine, printTable } from './print.ts'

interface Key {
  id: string
  name: string
  prefix: string
  role: string
  state: string
  last_used_at: string | null
  expires_at: string | null
}

export interface CreateKeyOptions extends ClientOptions {
  role: string
  scopes?: string
  models?: string
  days?: string
  member?: string
}

const list = (text: string) => text.split(',').map((item) => item.trim())

export async function createKey(name: string, options: CreateKeyOptions): Promise<void> {
  const made = await openClient(options).request<Key & { key: string }>('POST', '/v1/keys', {
    name,
    role: options.role,
    ...(options.scopes && { scopes: list(options.scopes) }),
    ...(options.models && { allowed_models: list(options.models) }),
    ...(options.days && { expires_in_days: Number(options.days) }),
    ...(options.member && { member: options.member }),
  })
  if (options.json) return printJson(made)
  printLine(`${made.id}  ${made.role}  ${made.name}`)
  printLine(`Key (shown once): ${made.key}`)
}

export async function listKeys(options: ClientOptions): Promise<void> {
  const data = await openClient(options).list<Key>('/v1/keys')
  if (options.json) return printJson(data)
  printTable(
    ['id', 'name', 'begins', 'role', 'state', 'last used', 'expires'],
    data.map((key) => [
      key.id,
      key.name,
      `${key.prefix}…`,
      key.role,
      key.state,
      key.last_used_at,
      key.expires_at,
    ]),
  )
}

export async function revokeKey(id: string, options: ClientOptions): Promise<void> {
  const revoked = await openClient(options).request<Key>(
    'DELETE',
    `/v1/keys/${encodeURIComponent(id)}`,
  )
  if (options.json) return printJson(revoked)
  printLine(`Revoked ${revoked.id} (${revoked.name}).`)
}

export async function rotateKey(
  id: string,
  options: ClientOptions & { hours: string },
): Promise<void> {
  const made = await openClient(options).request<Key & { key: string; rotated_from: Key }>(
    'POST',
    `/v1/keys/${encodeURIComponent(id)}/rotate`,
    { overlap_hours: Number(options.hours) },
  )
  if (options.json) return printJson(made)
  printLine(`${made.id} takes over from ${id}, which works until ${made.rotated_from.expires_at}.`)
  printLine(`Key (shown once): ${made.key}`)
}
