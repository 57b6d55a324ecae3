/** What specialists answer: Mistral's classifications, moderations as both SDKs read them, and our own form. */
import { z } from 'zod'
import type {
  ClassifyRequest,
  EngineEvent,
  EngineUsage,
  MatchRequest,
  TagRequest,
} from '../../engines/contract.ts'
import { AppError, assert } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { Call, Receipt } from '../../inference/door.ts'
import type { Work } from './answers.ts'
import { accountBody } from './usage.ts'

const charactersMax = 4_000_000

const textsSchema = z
  .union([z.string(), z.array(z.string()).min(1).max(2048)])
  .transform((input) => (typeof input === 'string' ? [input] : input))

export const classificationRequestSchema = z.looseObject({
  model: z.string().min(1),
  input: textsSchema,
})
const fieldsSchema = z.record(z.string().min(1).max(200), z.string())
const pairSchema = z.object({ left: fieldsSchema, right: fieldsSchema })

/** Texts, or for a matcher pairs of records. */
export const specialistRequestSchema = z.looseObject({
  input: z.union([textsSchema, z.array(pairSchema).min(1).max(2048)]),
})

type SpecialistInput = z.infer<typeof specialistRequestSchema>['input']

type Asked = ClassifyRequest | TagRequest | MatchRequest
type Answers = Extract<EngineEvent, { type: 'classifications' | 'spans' | 'matches' }>

/** A probability from which a label counts as given. */
const given = 0.5

interface Ran {
  answers: Answers
  account: ReturnType<typeof accountBody>
}

async function run(work: Work, request: Asked): Promise<Ran> {
  const characters = charactersOf(request)
  if (characters > charactersMax) {
    throw new AppError(
      'too_large',
      `The texts have ${characters} characters together; at most ${charactersMax} are answered at once.`,
      { param: 'input' },
    )
  }
  let answers: Answers | null = null
  let usage: EngineUsage | null = null
  let receipt: Receipt | null = null
  const { item: _, ...context } = work.context
  const call: Call = { ...context, request }
  for await (const event of work.door.run(work.scope, call, work.signal)) {
    if (event.type === 'classifications' || event.type === 'spans' || event.type === 'matches') {
      answers = event
    }
    if (event.type === 'end') usage = event.usage
    if (event.type === 'booked') receipt = event.receipt
  }
  assert(answers && receipt, 'a call that ended without an error was answered and booked')
  return { answers, account: accountBody([{ usage, receipt }]) }
}

function charactersOf(request: Asked): number {
  const texts =
    request.task === 'match'
      ? request.pairs.flatMap(({ left, right }) => [
          ...Object.values(left),
          ...Object.values(right),
        ])
      : request.texts
  return texts.reduce((sum, text) => sum + text.length, 0)
}

async function classified(work: Work, texts: string[]) {
  const { answers, account } = await run(work, { task: 'classify', texts })
  assert(answers.type === 'classifications', 'a classifier answers with labels')
  return { account, classifications: answers.classifications }
}

const byName = <T>(
  labels: readonly { label: string; probability: number }[],
  of: (probability: number) => T,
) => Object.fromEntries(labels.map(({ label, probability }) => [label, of(probability)]))

/** Mistral's form: for the one target a model here has, the probability of each label. */
export async function answerClassifications(work: Work, texts: string[]) {
  const { classifications, account } = await classified(work, texts)
  return {
    id: newId('classification'),
    model: work.context.model,
    results: classifications.map(({ labels }) => ({
      label: { scores: byName(labels, (one) => one) },
    })),
    ...account,
  }
}

/** Each label a category; `flagged` where any is given, as OpenAI has it. */
export async function answerModerations(work: Work, texts: string[]) {
  const { classifications, account } = await classified(work, texts)
  return {
    id: newId('moderation'),
    model: work.context.model,
    results: classifications.map(({ labels }) => ({
      flagged: labels.some(({ probability }) => probability >= given),
      categories: byName(labels, (probability) => probability >= given),
      category_scores: byName(labels, (probability) => probability),
    })),
    ...account,
  }
}

/** All that a specialist knows: labels in order with whether the text is known at all, spans, or matches. */
export async function answerSpecialist(work: Work, task: Asked['task'], input: SpecialistInput) {
  const { answers, account } = await run(work, askedOf(task, input))
  return {
    id: newId('answer'),
    model: work.context.model,
    task,
    results: resultsOf(answers),
    ...account,
  }
}

function askedOf(task: Asked['task'], input: SpecialistInput): Asked {
  const texts = input.filter((one) => typeof one === 'string')
  const pairs = input.filter((one) => typeof one !== 'string')
  if (task === 'match' ? texts.length === 0 : pairs.length === 0) {
    return task === 'match' ? { task, pairs } : { task, texts }
  }
  const wanted = task === 'match' ? 'pairs of records, {left: {...}, right: {...}}' : 'texts'
  throw new AppError('invalid_request', `This specialist (${task}) takes ${wanted}.`, {
    param: 'input',
  })
}

function resultsOf(answers: Answers): object[] {
  if (answers.type === 'matches') return answers.matches
  if (answers.type === 'spans') return answers.spans.map((spans) => ({ spans }))
  return answers.classifications.map(({ labels, unknown }) => ({
    label: unknown ? null : (labels[0]?.label ?? null),
    unknown,
    labels,
  }))
}
