/**
 * Tokens per second through the API against node-llama-cpp used bare in this process, with the same
 * file, threads and number of streams. The model has random weights (about 50 MB), so that a token
 * costs arithmetic and what it says costs nothing.
 */
import { cpus } from 'node:os'
import { getLlama, LlamaCompletion, LlamaLogLevel } from 'node-llama-cpp'
import OpenAI from 'openai'
import { startProgram } from '../tests/running-program.ts'
import { makeTinyLlama, type TinyLlamaShape } from '../tests/tiny-llama.ts'
import { type Figure, figure } from './figures.ts'
import type { BenchOptions } from './main.ts'

const shape: TinyLlamaShape = {
  layers: 8,
  width: 512,
  heads: 8,
  keyValueHeads: 4,
  feedForward: 1536,
  contextLength: 2048,
  seed: 2,
}
const streamCounts = [1, 4, 16]
const tokensPerAnswer = 128
/** One core is left for the server and the caller: llama.cpp's threads wait by spinning. */
const threads = Math.max(1, cpus().length - 1)

/** Starts answers one after the other in so many streams for a while; tokens per second of them all. */
async function rate(
  streams: number,
  seconds: number,
  answer: (stream: number, count: number) => Promise<number>,
): Promise<number> {
  let tokens = 0
  const startedAt = performance.now()
  const until = startedAt + seconds * 1000
  const stream = async (index: number) => {
    for (let count = 0; performance.now() < until; count++) tokens += await answer(index, count)
  }
  await Promise.all(Array.from({ length: streams }, (_, index) => stream(index)))
  return tokens / ((performance.now() - startedAt) / 1000)
}

const prompt = (stream: number, count: number) => `Tell me about ${stream} and ${count}.`

export async function benchLlm(options: BenchOptions): Promise<Figure[]> {
  const path = await makeTinyLlama(shape)
  const rounds = options.quick ? 2 : 5
  const seconds = options.quick ? 3 : 8
  const figures: Figure[] = []
  for (const streams of streamCounts) {
    const [bare, api]: [number[], number[]] = [[], []]
    for (let round = 1; round <= rounds; round++) {
      bare.push(await bareRate(path, streams, seconds))
      api.push(await apiRate(path, streams, seconds, options))
      options.progress(
        `${streams} streams, round ${round}: bare ${bare.at(-1)!.toFixed(0)}, API ${api.at(-1)!.toFixed(0)} tokens/s`,
      )
    }
    figures.push(
      figure(`bare_tokens_per_second_${streams}`, '1/s', bare),
      figure(`api_tokens_per_second_${streams}`, '1/s', api),
      figure(
        `ratio_${streams}_streams`,
        'x',
        api.map((one, round) => one / bare[round]!),
      ),
    )
  }
  return figures
}

async function bareRate(path: string, streams: number, seconds: number): Promise<number> {
  const llama = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error })
  const model = await llama.loadModel({ modelPath: path, gpuLayers: 0 })
  const context = await model.createContext({ sequences: streams, contextSize: 512, threads })
  const completions = Array.from(
    { length: streams },
    () => new LlamaCompletion({ contextSequence: context.getSequence() }),
  )
  const answer = async (stream: number, count: number) => {
    let tokens = 0
    await completions[stream]!.generateCompletion(prompt(stream, count), {
      maxTokens: tokensPerAnswer,
      temperature: 1,
      seed: count,
      onToken: (chunk) => {
        tokens += chunk.length
      },
    })
    return tokens
  }
  await rate(streams, 1, answer)
  const perSecond = await rate(streams, seconds, answer)
  await llama.dispose()
  return perSecond
}

async function apiRate(path: string, streams: number, seconds: number, { data }: BenchOptions) {
  await using program = await startProgram({
    ...(data && { folder: data }),
    environment: { BASTIDE_LLAMA_THREADS: String(threads) },
  })
  const imported = await program.command('model', 'import', path, '--name', 'bench')
  if (imported.code !== 0) throw new Error(imported.errors)
  const client = new OpenAI({ apiKey: program.key, baseURL: `${program.url}/v1`, maxRetries: 0 })
  const answer = async (stream: number, count: number) => {
    const chunks = await client.completions.create({
      model: 'bench',
      prompt: prompt(stream, count),
      max_tokens: tokensPerAnswer,
      temperature: 1,
      seed: count,
      stream: true,
    })
    let tokens = 0
    for await (const chunk of chunks) tokens = chunk.usage?.completion_tokens ?? tokens
    return tokens
  }
  await rate(streams, 1, answer)
  // Awaited here: the program ends with this function.
  return await rate(streams, seconds, answer)
}
