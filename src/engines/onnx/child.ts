/** The ONNX process: keeps sessions by model hash, runs one request at a time, dies with its parent. */
import { readFile } from 'node:fs/promises'
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import type { RecordPair } from '../../models/specialist/matcher.ts'
import { createSpecialist, type Specialist } from '../../models/specialist/specialist.ts'
import { wordCount } from '../../models/specialist/tokens.ts'
import type { Tensor } from '../contract.ts'
import { channelToServer } from '../sandbox/channel.ts'
import type { Answer, FromChild, ToChild } from './messages.ts'

const intraOpThreads = Number(process.argv[2] ?? 1)
const types = new Set<string>(['float32', 'int64', 'int32', 'uint8', 'bool'])

interface Loaded {
  session: InferenceSession
  /** Where the package has its files beside the weights. */
  specialist: Specialist | null
}

const models = new Map<string, Loaded>()
let cpuUsed = 0

/** CPU time since the last request; start-up counts to the first, which caused it. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  const total = (user + system) / 1e6
  const spent = total - cpuUsed
  cpuUsed = total
  return spent
}

async function load(files: Record<string, string>): Promise<Loaded> {
  const session = await InferenceSession.create(files.weights!, {
    intraOpNumThreads: intraOpThreads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
  })
  if (!files.contract || !files.vocabulary) return { session, specialist: null }
  const [contract, vocabulary] = [await readFile(files.contract), await readFile(files.vocabulary)]
  const specialist = createSpecialist(contract, vocabulary, async (inputs) => {
    const results = await session.run(feedsOf(inputs))
    return results.scores!.data as Float32Array
  })
  return { session, specialist }
}

type Run = Extract<ToChild, { type: 'run' }>

class Unsupported extends Error {}

async function answer({ session, specialist }: Loaded, ask: Run['ask']): Promise<Answer> {
  if (ask.kind === 'tensors')
    return { kind: 'tensors', outputs: await tensors(session, ask.inputs) }
  if (specialist?.task !== ask.kind) {
    const what = specialist ? `is a specialist for ${specialist.task}` : 'is no specialist'
    throw new Unsupported(`The model ${what}, and was asked to ${ask.kind}.`)
  }
  if (ask.kind === 'match') return match(specialist, ask.pairs)
  const words = ask.texts.reduce((sum, text) => sum + wordCount(text), 0)
  if (specialist.task === 'tag') {
    return { kind: 'tag', spans: await specialist.tagger.tag(ask.texts), words }
  }
  if (specialist.task !== 'classify') throw new Error('a specialist for another task was asked')
  const classifications = await specialist.classifier.classify(ask.texts)
  return { kind: 'classify', classifications, words }
}

async function match(specialist: Specialist, pairs: RecordPair[]): Promise<Answer> {
  if (specialist.task !== 'match') throw new Error('a specialist for another task was asked')
  const texts = pairs.flatMap(({ left, right }) => [
    ...Object.values(left),
    ...Object.values(right),
  ])
  const words = texts.reduce((sum, text) => sum + wordCount(text), 0)
  return { kind: 'match', matches: await specialist.matcher.match(pairs), words }
}

const feedsOf = (inputs: Record<string, Tensor>) =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { type, data, shape }]) => [
      name,
      new OrtTensor(type, data as Float32Array, shape),
    ]),
  )

async function tensors(session: InferenceSession, inputs: Record<string, Tensor>) {
  const outputs: Record<string, Tensor> = {}
  for (const [name, value] of Object.entries(await session.run(feedsOf(inputs)))) {
    if (!types.has(value.type)) {
      throw new Unsupported(`The output "${name}" has the type ${value.type}.`)
    }
    const data = value.data as Tensor['data']
    outputs[name] = { type: value.type as Tensor['type'], data, shape: [...value.dims] }
  }
  return outputs
}

async function run({ hash, files, ask }: Run): Promise<FromChild> {
  const started = performance.now()
  let model = models.get(hash)
  let loadSeconds = 0
  if (!model) {
    try {
      model = await load(files)
    } catch (error) {
      return { type: 'load-failed', message: String(error) }
    }
    models.set(hash, model)
    loadSeconds = (performance.now() - started) / 1000
  }
  try {
    const given = await answer(model, ask)
    return { type: 'done', answer: given, cpuSeconds: cpuSeconds(), loadSeconds }
  } catch (error) {
    const type = error instanceof Unsupported ? 'unsupported' : 'run-failed'
    return { type, message: error instanceof Unsupported ? error.message : String(error) }
  }
}

const channel = channelToServer<ToChild, FromChild>(async (message) => {
  if (message.type === 'release') {
    await models.get(message.hash)?.session.release()
    models.delete(message.hash)
    return
  }
  channel.send(await run(message))
})
