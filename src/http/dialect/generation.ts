/** Runs the choices of one generation through the door and gathers or merges what they yield. */
import type { Scope } from '../../access/scope.ts'
import type {
  EngineUsage,
  FinishReason,
  GenerateRequest,
  TokenLogprob,
  ToolCall,
} from '../../engines/contract.ts'
import { assert } from '../../errors.ts'
import type { Call, Door, DoorEvent, Receipt } from '../../inference/door.ts'

/** Everything about a call but its request. */
export type CallContext = Omit<Call, 'request' | 'item'> & {
  item?: { index: number; callId: string }
}

export interface Choice {
  text: string
  toolCalls: ToolCall[]
  logprobs: TokenLogprob[]
  finishReason: FinishReason
  /** Known from the engine's end on; the receipt comes later, with the booking. */
  usage: EngineUsage | null
  receipt: Receipt | null
}

function emptyChoice(): Choice {
  return { text: '', toolCalls: [], logprobs: [], finishReason: 'stop', usage: null, receipt: null }
}

function addEvent(choice: Choice, event: DoorEvent): void {
  if (event.type === 'text-delta') {
    choice.text += event.text
    if (event.logprobs) choice.logprobs.push(...event.logprobs)
  } else if (event.type === 'tool-call') choice.toolCalls.push(event.call)
  else if (event.type === 'end') {
    choice.finishReason = event.finishReason
    choice.usage = event.usage
  } else if (event.type === 'booked') choice.receipt = event.receipt
}

/** Each of n choices gets its own seed, so that they differ. */
function requestOf(request: GenerateRequest, index: number): GenerateRequest {
  if (request.seed === undefined || index === 0) return request
  return { ...request, seed: request.seed + index }
}

export interface Generation {
  door: Door
  scope: Scope
  context: CallContext
  request: GenerateRequest
  count: number
  signal: AbortSignal
}

/**
 * Runs all choices to their end. For a line of a durable run, `result` makes what is stored, from
 * the choices as they stand when the last one is booked.
 */
export async function generateAll(
  generation: Generation,
  result?: (choices: Choice[]) => unknown,
): Promise<(Choice & { receipt: Receipt })[]> {
  const { door, scope, context, request, count, signal } = generation
  const choices = Array.from({ length: count }, emptyChoice)
  const { item, ...callContext } = context
  const runChoice = async (index: number, last: boolean) => {
    const call: Call = { ...callContext, request: requestOf(request, index) }
    if (item && last && result) call.item = { ...item, result: () => result(choices) }
    for await (const event of door.run(scope, call, signal)) addEvent(choices[index]!, event)
  }
  // The last choice is run after the others where its booking carries the line's result.
  const others = choices.slice(1).map((_, index) => runChoice(index, false))
  if (item) await Promise.all(others)
  await Promise.all([...others, runChoice(count - 1, true)])
  return choices.map((choice) => {
    assert(choice.receipt, 'a call that ended without an error was booked')
    return choice as Choice & { receipt: Receipt }
  })
}

export interface ChoiceEvent {
  index: number
  event: DoorEvent
}

/** The events of all choices as they come, each with the number of its choice. */
export async function* generateMerged(
  generation: Generation,
): AsyncGenerator<ChoiceEvent, void, undefined> {
  const { door, scope, context, request, count, signal } = generation
  const { item: _item, ...callContext } = context
  const streamed = { ...request, stream: true }
  const sources = Array.from({ length: count }, (_, index) =>
    door.run(scope, { ...callContext, request: requestOf(streamed, index) }, signal),
  )
  const nextOf = async (index: number) => ({ index, next: await sources[index]!.next() })
  const waiting = new Map(sources.map((_, index) => [index, nextOf(index)]))
  try {
    while (waiting.size > 0) {
      const { index, next } = await Promise.race(waiting.values())
      if (next.done) {
        waiting.delete(index)
        continue
      }
      waiting.set(index, nextOf(index))
      yield { index, event: next.value }
    }
  } finally {
    await Promise.allSettled(sources.map((source) => source.return()))
  }
}
