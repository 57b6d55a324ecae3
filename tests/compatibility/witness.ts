/**
 * Sees which methods of an SDK the tests called with success. What a test file saw is compared with the
 * committed evidence, of which the page is made; `node tests/compatibility.ts` gathers both anew.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

export type Sdk = 'openai' | 'mistral' | 'ai-sdk'

/** Of each SDK: method -> in what it differs; an empty list where in nothing that the tests know. */
export type Seen = Partial<Record<Sdk, Record<string, string[]>>>

/** Test file -> what it saw. */
export type Evidence = Record<string, Seen>

export const evidencePath = new URL('./evidence.json', import.meta.url)
export const gatherVariable = 'BASTIDE_TEST_COMPATIBILITY'

const seen: Seen = {}

function note(sdk: Sdk, method: string): string[] {
  seen[sdk] ??= {}
  seen[sdk][method] ??= []
  return seen[sdk][method]
}

/** Says, in the test that shows it, in what a method differs from the original. */
export function differs(sdk: Sdk, method: string, how: string): void {
  const notes = note(sdk, method)
  if (!notes.includes(how)) notes.push(how)
}

/** A call has succeeded when its promise is fulfilled, or the stream it returned at once has ended well. */
export function settled(result: unknown): PromiseLike<unknown> | null {
  const { then, done } = (result ?? {}) as { then?: unknown; done?: unknown }
  if (typeof then === 'function') return result as PromiseLike<unknown>
  if (typeof done === 'function') return (result as { done(): PromiseLike<unknown> }).done()
  return null
}

/** The same client, watched: to be used wherever the client would be. */
export function witness<Client extends object>(sdk: Sdk, client: Client, path = ''): Client {
  return new Proxy(client, {
    get(target, name) {
      const value = Reflect.get(target, name, target)
      if (typeof name === 'symbol' || name.startsWith('_')) return value
      const place = path ? `${path}.${name}` : name
      if (typeof value === 'function') {
        return (...given: unknown[]) => {
          const result = value.apply(target, given)
          settled(result)?.then(
            () => note(sdk, place),
            () => {},
          )
          return result
        }
      }
      const isResource = typeof value === 'object' && value !== null && value.constructor !== Object
      return isResource ? witness(sdk, value, place) : value
    },
  })
}

const sorted = <Value>(record: Record<string, Value>): Record<string, Value> =>
  Object.fromEntries(Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1)))

/** To be called when all tests of a file have run; `file`: its import.meta.url. */
export function compareEvidence(file: string): void {
  const name = basename(file)
  const found: Seen = sorted(seen)
  for (const sdk of Object.keys(found) as Sdk[]) found[sdk] = sorted(found[sdk]!)
  const gatherIn = process.env[gatherVariable]
  if (gatherIn) return writeFileSync(join(gatherIn, `${name}.json`), JSON.stringify(found))
  // A run of some of its tests sees some of its calls.
  if (process.execArgv.some((one) => one.startsWith('--test-name-pattern'))) return
  const evidence = JSON.parse(readFileSync(evidencePath, 'utf8')) as Evidence
  assert.deepEqual(found, evidence[name] ?? {}, 'Write the page anew: node tests/compatibility.ts')
}
