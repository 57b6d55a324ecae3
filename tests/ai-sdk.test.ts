/** Vercel's `ai` package through `@ai-sdk/openai-compatible`, against the real program. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { embedMany, generateText, Output, streamText, tool } from 'ai'
import { z } from 'zod'
import { compareEvidence, witness } from './compatibility/witness.ts'
import { type RunningProgram, startProgram } from './running-program.ts'
import { importTinyModels } from './tiny-llama.ts'

let program: RunningProgram
let provider: ReturnType<typeof createOpenAICompatible>

before(async () => {
  program = await startProgram()
  provider = createOpenAICompatible({
    name: 'bastide',
    apiKey: program.key,
    baseURL: `${program.url}/v1`,
    includeUsage: true,
    supportsStructuredOutputs: true,
  })
  await importTinyModels(program)
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
  compareEvidence(import.meta.url)
})

const chat = () => witness('ai-sdk', provider.chatModel('tiny'), 'chatModel')

const fixed = { prompt: 'Hello', maxOutputTokens: 5, temperature: 0, seed: 3 }

test('generates and streams the same text, with usage', async () => {
  // Once beforehand, so that both find the prompt evaluated: a prompt evaluated in another batch has
  // logits that differ in the last digits, and random weights have near ties.
  await generateText({ model: chat(), ...fixed })
  const whole = await generateText({ model: chat(), ...fixed })
  assert.ok(whole.usage.outputTokens! <= 5)
  const streamed = streamText({ model: chat(), ...fixed })
  let text = ''
  for await (const part of streamed.textStream) text += part
  assert.equal(text, whole.text)
  assert.equal((await streamed.usage).outputTokens, whole.usage.outputTokens)
})

test('calls a tool', async () => {
  const weather = tool({
    description: 'The weather of a city',
    inputSchema: z.object({ city: z.enum(['Albi', 'Cordes']) }),
    execute: async ({ city }) => `sunny in ${city}`,
  })
  const { toolCalls } = await generateText({
    model: chat(),
    prompt: 'Hello',
    tools: { weather },
    toolChoice: 'required',
    maxOutputTokens: 200,
    seed: 1,
  })
  assert.equal(toolCalls[0]?.toolName, 'weather')
})

test('answers as an object of a schema', async () => {
  const { output } = await generateText({
    model: chat(),
    prompt: 'Hello',
    output: Output.object({ schema: z.object({ size: z.enum(['small', 'large']) }) }),
    maxOutputTokens: 100,
    seed: 1,
  })
  assert.ok(['small', 'large'].includes(output.size))
})

test('embeds several texts', async () => {
  const { embeddings } = await embedMany({
    model: witness('ai-sdk', provider.embeddingModel('tiny-embed'), 'embeddingModel'),
    values: ['one', 'two', 'three'],
  })
  assert.equal(embeddings.length, 3)
})

test('completes a text through the older model too, whole and as a stream', async () => {
  const model = witness('ai-sdk', provider.completionModel('tiny'), 'completionModel')
  const whole = await generateText({ model, ...fixed })
  assert.ok(whole.usage.outputTokens! <= 5)
  const streamed = streamText({ model, ...fixed })
  await streamed.consumeStream()
  assert.ok((await streamed.usage).outputTokens! <= 5)
})
