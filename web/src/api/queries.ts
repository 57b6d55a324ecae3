import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type RequestOptions, request } from './client.ts'

/** One call of the API, as data: what sends it and what shows it as a command read the same. */
export interface Call<Answer = unknown> {
  method: NonNullable<RequestOptions['method']>
  path: string
  body?: unknown
  /** Never there: it carries the answer's type to whoever sends the call. */
  answer?: Answer
}

export function call<Answer>(method: Call['method'], path: string, body?: unknown): Call<Answer> {
  return body === undefined ? { method, path } : { method, path, body }
}

/** How often what is on the screen is asked for again, where nothing asks for more. */
const everyMs = 5_000

/** Every page that was opened is read anew; who has gone far down reads on, and is left in peace. */
export const onlyNewestMs = ({ state }: { state: { data?: { pages: unknown[] } | undefined } }) =>
  (state.data?.pages.length ?? 1) === 1 ? everyMs : false

/** How a query reads a path. The path stays beside it: the page shows the calls it is made of. */
export function reading<Answer>(path: string) {
  return {
    queryFn: ({ signal }: { signal: AbortSignal }) => request<Answer>(path, { signal }),
    meta: { path },
    refetchInterval: everyMs,
  }
}

interface ListAnswer<Row> {
  data: Row[]
  next?: string | null
}

/** Every page of a list, one after the other; a path that says how much it wants is asked once. */
async function readList<Row>(path: string, signal: AbortSignal): Promise<ListAnswer<Row>> {
  const answer = await request<ListAnswer<Row>>(path, { signal })
  const all = [...answer.data]
  const isPart = /[?&]limit=/.test(path)
  for (let { next } = answer; next && !isPart; ) {
    const after = `${path.includes('?') ? '&' : '?'}after=${encodeURIComponent(next)}`
    const more = await request<ListAnswer<Row>>(`${path}${after}`, { signal })
    all.push(...more.data)
    next = more.next
  }
  return { ...answer, data: all }
}

/** A list of the API, kept up to date while somebody looks at it. `name`: what changes it names. */
export function useList<Row>(
  name: string | readonly unknown[],
  path: string,
  { enabled = true, interval = everyMs }: { enabled?: boolean; interval?: number | false } = {},
) {
  return useQuery({
    ...reading<ListAnswer<Row>>(path),
    queryFn: ({ signal }: { signal: AbortSignal }) => readList<Row>(path, signal),
    queryKey: typeof name === 'string' ? [name] : name,
    select: (answer) => answer.data,
    refetchInterval: interval,
    enabled,
  })
}

/**
 * A change after which the named lists are read anew. `callOf` makes the call of it, for the mutation and
 * for whoever wants to see it first.
 */
export function useChange<Variables, Answer>(
  lists: readonly string[] | 'all',
  callOf: (variables: Variables) => Call<Answer>,
) {
  const client = useQueryClient()
  const mutation = useMutation({
    mutationFn: (variables: Variables) => {
      const { path, ...options } = callOf(variables)
      return request<Answer>(path, options)
    },
    onSuccess: () =>
      lists === 'all'
        ? client.invalidateQueries()
        : Promise.all(lists.map((name) => client.invalidateQueries({ queryKey: [name] }))),
  })
  return { ...mutation, callOf }
}
