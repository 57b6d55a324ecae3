/** `bastide member …` */
import { type ClientOptions, openClient } from './client.ts'
import { printJson, printLine, printTable } from './print.ts'

interface Member {
  id: string
  name: string
  email: string | null
  role: string
  state: string
}

const pathOf = (id: string) => `/v1/members/${encodeURIComponent(id)}`

export async function addMember(
  name: string,
  options: ClientOptions & { email?: string; role: string },
): Promise<void> {
  const body = { name, role: options.role, ...(options.email && { email: options.email }) }
  const member = await openClient(options).request<Member>('POST', '/v1/members', body)
  if (options.json) return printJson(member)
  printLine(`Added ${member.id} (${member.name}, ${member.role}).`)
  printLine(
    `Give them a key: ./bastide key create "${member.name}" --role ${member.role} --member ${member.id}`,
  )
}

export async function listMembers(options: ClientOptions): Promise<void> {
  const data = await openClient(options).list<Member>('/v1/members')
  if (options.json) return printJson(data)
  printTable(
    ['id', 'name', 'email', 'role', 'state'],
    data.map((member) => [member.id, member.name, member.email, member.role, member.state]),
  )
}

export async function changeMember(
  id: string,
  options: ClientOptions & { role?: string; state?: string },
): Promise<void> {
  const { role, state } = options
  const body = { ...(role && { role }), ...(state && { state }) }
  const member = await openClient(options).request<Member>('PATCH', pathOf(id), body)
  if (options.json) return printJson(member)
  printLine(`${member.name} is ${member.role}, ${member.state}.`)
}

export async function removeMember(id: string, options: ClientOptions): Promise<void> {
  await openClient(options).request('DELETE', pathOf(id))
  if (options.json) return printJson({ removed: id })
  printLine(`Removed ${id}.`)
}
