import type { Call } from './queries.ts'

/** A call that sends or brings a file, which JSON has no word for. */
export interface ShownCall extends Call {
  /** Sent as the body: its name on the reader's machine, and its media type. */
  file?: { name: string; type: string }
  /** Sent as a form, as `file`. */
  formFile?: string
  /** Where the answer is written. */
  output?: string
}

/** What a body holds that nobody should find in a shell's history or in a chat. */
const secretFields = ['client_secret', 'value']

/** The call as a command that runs outside the console; the key is read from the environment. */
export function curlOf(call: ShownCall, origin: string): string {
  const { method, path, body, file, formFile, output } = call
  const lines = [`curl ${quoted(origin + path)}`, '-H "Authorization: Bearer $BASTIDE_KEY"']
  // curl posts by itself where it is given data, and gets otherwise.
  const own = body !== undefined || file || formFile ? 'POST' : 'GET'
  if (method !== own) lines.splice(1, 0, `-X ${method}`)
  if (body !== undefined) {
    const text = JSON.stringify(body, hidden, 2)
    lines.push('-H "Content-Type: application/json"', `-d ${inQuotes(text)}`)
  }
  if (file)
    lines.push(`-H "Content-Type: ${file.type}"`, `--data-binary ${quoted(`@${file.name}`)}`)
  if (formFile) lines.push(`-F ${quoted(`file=@${formFile}`)}`)
  if (output) lines.push(`-o ${quoted(output)}`)
  return lines.join(' \\\n  ')
}

const hidden = (name: string, value: unknown) =>
  secretFields.includes(name) && typeof value === 'string' ? '…' : value

/** As a shell takes it: in quotes where it would read something else than what stands there. */
const quoted = (text: string) => (/^[\w:/.@%=-]+$/.test(text) ? text : inQuotes(text))

/** A name may hold quotes of its own: a file's above all, which others chose. */
const inQuotes = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
