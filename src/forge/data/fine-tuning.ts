/**
 * Rows in the formats of other providers' fine-tuning: conversations (`{messages: [{role, content}]}`), and
 * Mistral's classifier lines (`{text | messages, labels}`).
 */

interface Message {
  role?: unknown
  content?: unknown
}

/**
 * The columns of a row: of a conversation `text` is what the user says last and `label` what the assistant
 * answers; of `labels` with one name in it the one is `label`, with several each is a column of its own.
 */
export function fineTuningColumns(record: object): Record<string, unknown> {
  const { messages, labels, ...rest } = record as Record<string, unknown>
  const columns: Record<string, unknown> = { ...rest }
  if (Array.isArray(messages)) Object.assign(columns, conversation(messages as Message[]))
  else if (messages !== undefined) columns.messages = messages
  if (typeof labels === 'object' && labels !== null && !Array.isArray(labels)) {
    const named = Object.entries(labels)
    if (named.length === 1) columns.label = named[0]![1]
    else for (const [name, value] of named) columns[name] = value
  } else if (labels !== undefined) columns.label = labels
  return columns
}

function conversation(messages: readonly Message[]): Record<string, unknown> {
  const last = (role: string) => {
    const message = messages.findLast((one) => one.role === role)
    return message && textOf(message.content)
  }
  const [text, label] = [last('user'), last('assistant')]
  return { ...(text === undefined ? {} : { text }), ...(label === undefined ? {} : { label }) }
}

function textOf(content: unknown): string | undefined {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return undefined
  return content
    .flatMap((part: { text?: unknown }) => (typeof part.text === 'string' ? [part.text] : []))
    .join('\n')
}
