/** `bastide egress …`: where the server may connect to, and what it tried. */
import { AppError } from '../errors.ts'
import { type ClientOptions, openClient } from './client.ts'
import { printJson, printLine, printTable } from './print.ts'

interface Rule {
  id: string
  host: string
  port: number
  allow_private: boolean
  created_at: string
}

interface Destination {
  host: string
  port: number
  outcome: string
  reason: string
  purpose: string
  attempts: number
  last_at: string
}

/** Host and port of `models.example.eu:443`, `10.0.0.5:8000` or `[fd00::1]:8000`. */
function placeOf(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/]+)):(\d{1,5})$/i.exec(text)
  if (!match) {
    throw new AppError(
      'invalid_request',
      `"${text}" is not of the form HOST:PORT, such as models.example.eu:443 or [fd00::1]:8000.`,
    )
  }
  return { host: match[1] ?? match[2]!, port: Number(match[3]) }
}

export async function listEgress(options: ClientOptions): Promise<void> {
  const client = openClient(options)
  const rules = await client.list<Rule>('/v1/egress/rules')
  const attempted = await client.list<Destination>('/v1/egress/destinations')
  if (options.json) return printJson({ rules, attempted })
  if (rules.length === 0) printLine('Nothing may leave: no destination is allowed.')
  else {
    printTable(
      ['allowed', 'private', 'since'],
      rules.map((rule) => [
        `${rule.host}:${rule.port}`,
        rule.allow_private ? 'yes' : 'no',
        rule.created_at,
      ]),
    )
  }
  printLine('')
  if (attempted.length === 0) return printLine('No attempt has been made.')
  printTable(
    ['attempted', 'outcome', 'attempts', 'last', 'for', 'reason'],
    attempted.map((one) => [
      `${one.host}:${one.port}`,
      one.outcome,
      String(one.attempts),
      one.last_at,
      one.purpose,
      one.reason,
    ]),
  )
}

export async function allowEgress(
  place: string,
  options: ClientOptions & { private?: boolean },
): Promise<void> {
  const body = { ...placeOf(place), allow_private: options.private === true }
  const rule = await openClient(options).request<Rule>('POST', '/v1/egress/rules', body)
  if (options.json) return printJson(rule)
  printLine(`Allowed ${rule.host}:${rule.port}.`)
}

export async function refuseEgress(place: string, options: ClientOptions): Promise<void> {
  const { host, port } = placeOf(place)
  const client = openClient(options)
  const data = await client.list<Rule>('/v1/egress/rules')
  const rule = data.find((one) => one.host === host.toLowerCase() && one.port === port)
  if (!rule) throw new AppError('not_found', `${place} is not among what is allowed.`)
  await client.request('DELETE', `/v1/egress/rules/${rule.id}`)
  if (options.json) return printJson({ ...rule, allowed: false })
  printLine(`Refused ${place} from now on.`)
}
