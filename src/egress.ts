/**
 * The only way out of the house. Nothing else may open a connection that a setting, a request or a
 * document named; a test reads imports to hold that.
 *
 * A destination is allowed when a rule names its exact host and port. The name is resolved once,
 * the numeric address is checked, and the connection goes to that address. A redirect is a new
 * attempt with the same checks. Every attempt, allowed or refused, is recorded.
 */
import { lookup as dnsLookup, type LookupAddress } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import type { Readable } from 'node:stream'
import { Agent, type Dispatcher, errors, request as undiciRequest } from 'undici'
import { AppError } from './errors.ts'

export interface EgressRule {
  /** Exact host name or IP address, lower case, as Node's URL parser writes it (no brackets). */
  host: string
  port: number
  /** Whether the host may resolve to a loopback or private address (a server of one's own). */
  allowPrivate: boolean
  /** Where the rule holds for one purpose only: a store that a setting names, for what it stores. */
  purpose?: string
}

export interface EgressAttempt {
  host: string
  port: number
  outcome: 'allowed' | 'refused'
  reason: string
  /** What the connection was for, e.g. `remote:vllm-1`. */
  purpose: string
}

export interface EgressRequest {
  purpose: string
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  headers?: Record<string, string>
  body?: string | Uint8Array
  signal?: AbortSignal
  /** The answer fails when nothing of it comes for so long; without it, it may take for ever. */
  silenceMaxMs?: number
  /** Whether a redirect may lead to another server: credentials stay behind, and a rule must allow it. */
  followsElsewhere?: boolean
}

export interface EgressResponse {
  status: number
  ok: boolean
  /** Lower-case names; of repeated headers the first. */
  headers: ReadonlyMap<string, string>
  /** Must be read to its end, or discarded. */
  body: Readable
}

export interface Egress {
  /**
   * Sends a request and resolves with the headers; throws AppError `forbidden` when no rule allows
   * the destination, and what the connection failed with (see `isConnectionError`).
   */
  fetch(url: string, request: EgressRequest): Promise<EgressResponse>
  close(): Promise<void>
}

/** Whether an error tells of the connection, and not of a mistake in the program. */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof errors.UndiciError) return true
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^(E[A-Z]+|HPE_\w+)$/.test(code)
}

const redirectsMax = 3

/** Link-local addresses carry cloud metadata services; no rule can allow them. */
const neverAllowed = new BlockList()
neverAllowed.addSubnet('169.254.0.0', 16, 'ipv4')
neverAllowed.addSubnet('0.0.0.0', 8, 'ipv4')
neverAllowed.addSubnet('224.0.0.0', 4, 'ipv4')
neverAllowed.addSubnet('240.0.0.0', 4, 'ipv4')
neverAllowed.addSubnet('fe80::', 10, 'ipv6')
neverAllowed.addSubnet('ff00::', 8, 'ipv6')
neverAllowed.addAddress('::', 'ipv6')
// Forms that carry an IPv4 address for some router or stack on the way: IPv4-compatible, translated
// (RFC 2765), Teredo, local NAT64; and link-local ones within NAT64 and 6to4.
neverAllowed.addRange('::2', '::ffff:ffff', 'ipv6')
neverAllowed.addSubnet('::ffff:0:0:0', 96, 'ipv6')
neverAllowed.addSubnet('2001::', 32, 'ipv6')
neverAllowed.addSubnet('64:ff9b:1::', 48, 'ipv6')
neverAllowed.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6')
neverAllowed.addSubnet('2002:a9fe::', 32, 'ipv6')
// A cloud's metadata service that answers under a public address.
neverAllowed.addAddress('168.63.129.16', 'ipv4')

const privateAddresses = new BlockList()
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['192.0.0.0', 24],
  ['198.18.0.0', 15],
] as const) {
  privateAddresses.addSubnet(network, prefix, 'ipv4')
}
privateAddresses.addAddress('::1', 'ipv6')
privateAddresses.addSubnet('fc00::', 7, 'ipv6')
privateAddresses.addSubnet('fec0::', 10, 'ipv6')
privateAddresses.addSubnet('64:ff9b::', 96, 'ipv6')
privateAddresses.addSubnet('2002::', 16, 'ipv6')

/** Why a numeric address may not be connected to, or null when it may. */
function addressRefusal(address: string, allowPrivate: boolean): string | null {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(address) === 0) return `"${address}" is not a numeric address`
  if (neverAllowed.check(address, family)) return `${address} is link-local, multicast or reserved`
  if (!allowPrivate && privateAddresses.check(address, family)) {
    return `${address} is a private address and the rule does not allow private addresses`
  }
  return null
}

/** A `net.connect` lookup that resolves once and hands back only addresses that passed the check. */
function checkedLookup(allowPrivate: boolean, resolve: typeof dnsLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '')
      const addresses = found as LookupAddress[]
      const refusal = addresses.map((a) => addressRefusal(a.address, allowPrivate)).find(Boolean)
      if (refusal || addresses.length === 0) {
        return callback(new AppError('forbidden', `${hostname}: ${refusal ?? 'no address'}`), '')
      }
      if (options.all) return callback(null, addresses)
      callback(null, addresses[0]!.address, addresses[0]!.family)
    })
  }
}

export interface EgressOptions {
  rules: () => readonly EgressRule[] | Promise<readonly EgressRule[]>
  record: (attempt: EgressAttempt) => void | Promise<void>
  /** Replaces the system resolver; used by tests whose DNS answers change. */
  resolve?: typeof dnsLookup
}

/** Host without brackets and port of a URL, as the parser sees them. */
export function destinationOf(url: URL): { host: string; port: number } {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  return { host, port }
}

export function createEgress({ rules, record, resolve = dnsLookup }: EgressOptions): Egress {
  const agent = (allowPrivate: boolean) =>
    new Agent({
      connect: { lookup: checkedLookup(allowPrivate, resolve), timeout: 10_000 },
      keepAliveTimeout: 30_000,
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  const agents = { public: agent(false), private: agent(true) }

  async function allow(url: URL, purpose: string): Promise<EgressRule> {
    const { host, port } = destinationOf(url)
    const rule = (await rules()).find(
      (one) => one.host === host && one.port === port && (!one.purpose || one.purpose === purpose),
    )
    let refusal: string | null = null
    if (url.protocol !== 'http:' && url.protocol !== 'https:') refusal = `scheme ${url.protocol}`
    else if (url.username || url.password) refusal = 'the URL carries credentials'
    else if (!rule) refusal = 'no egress rule names this host and port'
    else if (isIP(host)) refusal = addressRefusal(host, rule.allowPrivate)
    if (refusal || !rule) {
      const reason = refusal ?? 'no egress rule names this host and port'
      await record({ host, port, outcome: 'refused', reason, purpose })
      throw new AppError(
        'forbidden',
        `Connection to ${host}:${port} was refused: ${reason}. An administrator can allow it with POST /v1/egress/rules.`,
      )
    }
    await record({ host, port, outcome: 'allowed', reason: 'rule', purpose })
    return rule
  }

  async function guardedFetch(url: string, request: EgressRequest): Promise<EgressResponse> {
    let target = parseUrl(url)
    let headers = request.headers ?? {}
    for (let hop = 0; hop <= redirectsMax; hop++) {
      const rule = await allow(target, request.purpose)
      const response = await send(target, { ...request, headers }, rule)
      const location = response.headers.get('location')
      if (response.status < 300 || response.status > 399 || !location) return response
      discard(response)
      const next = URL.canParse(location, target.href) ? new URL(location, target) : null
      // Only a safe request may follow a redirect, and never with its credentials to another origin.
      const follows =
        next?.origin === target.origin || (request.followsElsewhere && isAsSafe(target, next))
      if ((request.method ?? 'GET') !== 'GET' || !next || !follows) {
        throw new AppError('upstream_failed', `${target.host} answered with a redirect.`)
      }
      if (next.origin !== target.origin) headers = withoutCredentials(headers)
      target = next
    }
    throw new AppError('upstream_failed', `More than ${redirectsMax} redirects from ${url}.`)
  }

  async function send(target: URL, request: EgressRequest, rule: EgressRule) {
    try {
      const answer = await undiciRequest(target, {
        method: request.method ?? 'GET',
        headers: request.headers ?? {},
        body: request.body ?? null,
        signal: request.signal ?? null,
        headersTimeout: request.silenceMaxMs ?? 0,
        bodyTimeout: request.silenceMaxMs ?? 0,
        dispatcher: rule.allowPrivate ? agents.private : agents.public,
      })
      return responseOf(answer)
    } catch (error) {
      const refusal = refusalIn(error)
      if (!refusal) throw error
      const attempt = { ...destinationOf(target), purpose: request.purpose }
      await record({ ...attempt, outcome: 'refused', reason: refusal.message })
      throw refusal
    }
  }

  return {
    fetch: guardedFetch,
    async close() {
      await Promise.all([agents.public.close(), agents.private.close()])
    },
  }
}

/** The whole body of an answer; `too_large` past the limit, and then the connection ends. */
export async function readWhole({ body }: EgressResponse, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of body) {
    sizeBytes += (chunk as Buffer).length
    if (sizeBytes > limitBytes) {
      throw new AppError('too_large', `The answer is larger than ${limitBytes} bytes.`)
    }
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

/** Ends an answer whose body nobody wants. */
export function discard({ body }: EgressResponse): void {
  // Ending it early is an error to the stream, and one without a listener ends the process.
  body.once('error', () => {}).destroy()
}

const isAsSafe = (from: URL, to: URL | null): boolean =>
  to !== null && (from.protocol !== 'https:' || to.protocol === 'https:')

function withoutCredentials(headers: Record<string, string>): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !/^(authorization|cookie)$/i.test(name))
  return Object.fromEntries(kept)
}

/** The address check's refusal, where the connection failed for it. */
function refusalIn(error: unknown): AppError | null {
  if (error instanceof AppError) return error
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof AppError ? cause : null
}

function responseOf({ statusCode, headers, body }: Dispatcher.ResponseData): EgressResponse {
  const firstValues = Object.entries(headers).flatMap(([name, value]) => {
    const first = Array.isArray(value) ? value[0] : value
    return first === undefined ? [] : [[name, first] as const]
  })
  const ok = statusCode >= 200 && statusCode <= 299
  return { status: statusCode, ok, headers: new Map(firstValues), body }
}

function parseUrl(url: string): URL {
  if (!URL.canParse(url)) throw new AppError('invalid_request', `"${url}" is not a URL.`)
  return new URL(url)
}
