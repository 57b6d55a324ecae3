/** The ONNX process: keeps sessions by model hash, runs one request at a time, dies with its parent. */
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import type { Tensor } from '../contract.ts'
import { channelToServer } from '../sandbox/channel.ts'
import type { FromChild, ToChild } from './messages.ts'

const intraOpThreads = Number(process.argv[2] ?? 1)
const sessions = new Map<string, InferenceSession>()
const types = new Set<string>(['float32', 'int64', 'int32', 'uint8', 'bool'])

let cpuUsed = 0

/** CPU time since the last request; start-up counts to the first, which caused it. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  const total = (user + system) / 1e6
  const spent = total - cpuUsed
  cpuUsed = total
  return spent
}

async function sessionOf(hash: string, path: string): Promise<InferenceSession> {
  const known = sessions.get(hash)
  if (known) return known
  const session = await InferenceSession.create(path, {
    intraOpNumThreads: intraOpThreads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
  })
  sessions.set(hash, session)
  return session
}

async function run(message: Extract<ToChild, { type: 'run' }>): Promise<FromChild> {
  const started = performance.now()
  const wasLoaded = sessions.has(message.hash)
  let session: InferenceSession
  try {
    session = await sessionOf(message.hash, message.path)
  } catch (error) {
    return { type: 'load-failed', message: String(error) }
  }
  const loadSeconds = wasLoaded ? 0 : (performance.now() - started) / 1000
  const feeds: Record<string, OrtTensor> = {}
  for (const [name, { type, data, shape }] of Object.entries(message.inputs)) {
    feeds[name] = new OrtTensor(type, data as Float32Array, shape)
  }
  let results: InferenceSession.OnnxValueMapType
  try {
    results = await session.run(feeds)
  } catch (error) {
    return { type: 'run-failed', message: String(error) }
  }
  const outputs: Record<string, Tensor> = {}
  for (const [name, value] of Object.entries(results)) {
    if (!types.has(value.type)) {
      return { type: 'unsupported', message: `The output "${name}" has the type ${value.type}.` }
    }
    const data = value.data as Tensor['data']
    outputs[name] = { type: value.type as Tensor['type'], data, shape: [...value.dims] }
  }
  return { type: 'done', outputs, cpuSeconds: cpuSeconds(), loadSeconds }
}

const channel = channelToServer<ToChild, FromChild>(async (message) => {
  if (message.type === 'release') {
    await sessions.get(message.hash)?.release()
    sessions.delete(message.hash)
    return
  }
  channel.send(await run(message))
})
