import { useSyncExternalStore } from 'react'
import { type CallReport, type ChatRequest, streamChat, type TokenUsage } from '../../api/chat.ts'
import { exampleSchema } from './example-schema.ts'

/** One thing said. Answers also carry how they ended and what they cost. */
export interface Turn {
  id: number
  role: 'user' | 'assistant'
  text: string
  model?: string
  state: 'streaming' | 'done' | 'stopped' | 'failed'
  error?: unknown
  finishReason?: string | null
  usage?: TokenUsage | null
  report?: CallReport | null
  /** Whether the answer was asked to follow a JSON schema. */
  structured?: boolean
}

export interface Settings {
  model: string
  system: string
  temperature: string
  maxTokens: string
  seed: string
  schemaOn: boolean
  schema: string
}

interface Conversation {
  turns: readonly Turn[]
  settings: Settings
}

/** Kept outside React, so that an answer goes on while another page is looked at. */
let conversation: Conversation = {
  turns: [],
  settings: {
    model: '',
    system: '',
    temperature: '',
    maxTokens: '',
    seed: '',
    schemaOn: false,
    schema: exampleSchema,
  },
}
const listeners = new Set<() => void>()
let stopAnswer: AbortController | null = null
let lastId = 0

function change(next: Partial<Conversation>) {
  conversation = { ...conversation, ...next }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useConversation(): Conversation {
  return useSyncExternalStore(subscribe, () => conversation)
}

export function changeSettings(settings: Partial<Settings>) {
  change({ settings: { ...conversation.settings, ...settings } })
}

export function clearConversation() {
  stopAnswer?.abort()
  change({ turns: [] })
}

export function stop() {
  stopAnswer?.abort()
}

/** The request that answers `turns`; what is left empty in the settings is left to the server. */
export function chatRequest(settings: Settings, turns: readonly Turn[]): ChatRequest {
  const said = turns.filter((turn, index) => {
    const answer = turn.role === 'user' ? turns[index + 1] : turn
    // A question that was never answered would stand beside the next one, which templates refuse.
    return !answer || (answer.text !== '' && answer.state !== 'failed')
  })
  const request: ChatRequest = {
    model: settings.model,
    messages: said.map(({ role, text }) => ({ role, content: text })),
  }
  if (settings.system.trim() !== '') {
    request.messages.unshift({ role: 'system', content: settings.system })
  }
  if (settings.temperature !== '') request.temperature = Number(settings.temperature)
  if (settings.maxTokens !== '') request.max_tokens = Number(settings.maxTokens)
  if (settings.seed !== '') request.seed = Number(settings.seed)
  if (settings.schemaOn) {
    request.response_format = {
      type: 'json_schema',
      json_schema: { name: 'answer', schema: JSON.parse(settings.schema), strict: true },
    }
  }
  return request
}

export function ask(text: string) {
  lastId += 1
  const question: Turn = { id: lastId, role: 'user', text, state: 'done' }
  void answer([...conversation.turns, question])
}

/** Asks the last question again, with the settings as they are now. */
export function askAgain() {
  const last = conversation.turns.findLastIndex((turn) => turn.role === 'user')
  if (last >= 0) void answer(conversation.turns.slice(0, last + 1))
}

async function answer(turns: readonly Turn[]) {
  const { settings } = conversation
  const stopping = new AbortController()
  stopAnswer = stopping
  lastId += 1
  let turn: Turn = {
    id: lastId,
    role: 'assistant',
    text: '',
    model: settings.model,
    state: 'streaming',
    structured: settings.schemaOn,
  }
  change({ turns: [...turns, turn] })
  const update = (next: Partial<Turn>) => {
    turn = { ...turn, ...next }
    change({ turns: conversation.turns.map((known) => (known.id === turn.id ? turn : known)) })
  }
  try {
    for await (const event of streamChat(chatRequest(settings, turns), stopping.signal)) {
      if (event.type === 'text-delta') update({ text: turn.text + event.text })
      else {
        const { finishReason, usage, report } = event
        update({ state: 'done', finishReason, usage, report })
      }
    }
  } catch (error) {
    if (stopping.signal.aborted) update({ state: 'stopped' })
    else update({ state: 'failed', error })
  }
}
