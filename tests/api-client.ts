/** Asks a running program as its own clients do: JSON or a form in, JSON out. */
import assert from 'node:assert/strict'

interface Server {
  url: string
  key: string
}

/** Whatever the answer's JSON holds; a test says what it expects by using it. */
type Json = ReturnType<typeof JSON.parse>

/** `server` is asked for at each call: a test may start it later, or anew. */
export function apiClient(server: () => Server) {
  /** `key` null: as nobody. */
  async function ask<T = Json>(
    method: string,
    path: string,
    body?: unknown,
    key: string | null = server().key,
  ): Promise<{ status: number; body: T; text: string }> {
    const response = await fetch(new URL(path, server().url), {
      method,
      headers: key ? { authorization: `Bearer ${key}` } : {},
      ...(body !== undefined && { body: body instanceof FormData ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json')
    return { status: response.status, body: isJson ? JSON.parse(text) : text || null, text }
  }

  /** The answer to what must succeed. */
  async function changed<T = Json>(method: string, path: string, body?: unknown, key?: string) {
    const answer = await ask<T>(method, path, body, key)
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`)
    return answer.body
  }

  const made = <T = Json>(path: string, body: unknown, key?: string): Promise<T> =>
    changed<T>('POST', path, body, key)

  return { ask, changed, made }
}

/** A form as the routes for files take it. */
export function fileForm(name: string, content: BlobPart, purpose = 'batch'): FormData {
  const form = new FormData()
  form.set('file', new File([content], name))
  form.set('purpose', purpose)
  return form
}
