/**
 * Runs ONNX models in processes of their own: named tensors in, named tensors out; and specialists, which are
 * an ONNX model with a vocabulary and a contract beside it: texts in, labels or spans out.
 */
import { availableParallelism } from 'node:os'
import { AppError } from '../../errors.ts'
import { openFileSource } from '../../models/formats/byte-source.ts'
import { type OnnxInfo, readOnnx } from '../../models/formats/onnx.ts'
import type {
  Engine,
  EngineEvent,
  EngineModel,
  EngineRequest,
  LoadedModel,
  RunOptions,
} from '../contract.ts'
import type { Answer, Ask } from './messages.ts'
import { ProcessPool } from './process-pool.ts'
import { checkInputs } from './tensor-check.ts'

export interface OnnxEngineOptions {
  /** All sessions together stay below this, by estimate. */
  memoryBudgetBytes: number
  /** Where models lie; the processes can read nothing else. */
  modelFolder: string
  /** Processes at most; default: one less than the cores. */
  processes?: number
  /** Threads one run may use. */
  intraOpThreads?: number
  /** Time one run may take. */
  runSeconds?: number
}

/** Session overhead of onnxruntime, measured with small models, rounded up. */
const sessionBytes = 8 * 2 ** 20
const checkedMax = 1000

export interface OnnxEngine extends Engine {
  /** Ids of the running processes. */
  pids(): number[]
}

export function createOnnxEngine(options: OnnxEngineOptions): OnnxEngine {
  const pool = new ProcessPool({
    memoryBudgetBytes: options.memoryBudgetBytes,
    modelFolder: options.modelFolder,
    processes: options.processes ?? Math.max(1, availableParallelism() - 1),
    runSeconds: options.runSeconds ?? 120,
    intraOpThreads: options.intraOpThreads ?? 1,
  })
  const names = new Map<string, string>()
  const checked = new Map<string, Promise<OnnxInfo>>()

  /** The validated header; files are content-addressed, so once per hash is enough. */
  function headerOf(hash: string, path: string): Promise<OnnxInfo> {
    let header = checked.get(hash)
    if (!header) {
      header = readHeader(path)
      header.catch(() => checked.delete(hash))
      if (checked.size >= checkedMax) checked.delete(checked.keys().next().value!)
      checked.set(hash, header)
    }
    return header
  }

  async function* run(
    model: EngineModel,
    request: EngineRequest,
    { signal }: RunOptions,
  ): AsyncGenerator<EngineEvent> {
    const ask = askOf(request)
    if (!ask) {
      throw new AppError('unsupported', `Model "${model.name}" cannot do "${request.task}".`)
    }
    if (signal.aborted) throw new AppError('cancelled', 'The request was cancelled.')
    const path = model.files.weights
    if (!path) throw new AppError('model_unavailable', `Model "${model.name}" has no weights file.`)
    const header = await headerOf(model.hash, path)
    if (ask.kind === 'tensors') checkInputs(ask.inputs, header)
    names.set(model.hash, model.name)
    const submitted = performance.now()
    let queueSeconds = 0
    const reply = await pool.run({
      hash: model.hash,
      name: model.name,
      files: model.files,
      // Weights are held twice while onnxruntime packs them for its kernels.
      memoryBytes: header.tensorBytes * 2 + sessionBytes,
      ask,
      signal,
      started: () => {
        queueSeconds = (performance.now() - submitted) / 1000
      },
    })
    if (reply.type !== 'done') throw failure(model.name, reply)
    yield eventOf(reply.answer)
    yield {
      type: 'end',
      finishReason: 'stop',
      usage: {
        inputTokens: 'words' in reply.answer ? reply.answer.words : 0,
        outputTokens: 0,
        cachedTokens: 0,
        pages: 0,
        cpuSeconds: reply.cpuSeconds,
        queueSeconds,
        loadSeconds: reply.loadSeconds,
      },
    }
  }

  return {
    name: 'onnx',
    tasks: ['tensor', 'classify', 'tag', 'match'],
    run,
    countTokens: async () => null,
    loaded: () => loadedModels(pool, names),
    async unload(hash) {
      while (!pool.release(hash)) await new Promise((resolve) => setTimeout(resolve, 20))
    },
    close: async () => pool.close(),
    pids: () => pool.pids,
  }
}

function askOf(request: EngineRequest): Ask | null {
  if (request.task === 'tensor') return { kind: 'tensors', inputs: request.inputs }
  if (request.task === 'match') return { kind: 'match', pairs: request.pairs }
  if (request.task !== 'classify' && request.task !== 'tag') return null
  return { kind: request.task, texts: request.texts }
}

function eventOf(answer: Answer): EngineEvent {
  if (answer.kind === 'tensors') return { type: 'tensors', outputs: answer.outputs }
  if (answer.kind === 'match') return { type: 'matches', matches: answer.matches }
  if (answer.kind === 'tag') return { type: 'spans', spans: answer.spans }
  return { type: 'classifications', classifications: answer.classifications }
}

async function readHeader(path: string): Promise<OnnxInfo> {
  const file = await openFileSource(path)
  try {
    return await readOnnx(file)
  } finally {
    await file.close()
  }
}

function failure(name: string, reply: { type: string; message: string }): AppError {
  const cause = new Error(reply.message)
  if (reply.type === 'load-failed') {
    return new AppError('model_unavailable', `Model "${name}" could not be loaded.`, { cause })
  }
  if (reply.type === 'unsupported') return new AppError('unsupported', reply.message, { cause })
  return new AppError('invalid_request', `Model "${name}" could not run on these inputs.`, {
    cause,
  })
}

function loadedModels(pool: ProcessPool, names: ReadonlyMap<string, string>): LoadedModel[] {
  const models = new Map<string, LoadedModel>()
  for (const { hash, memoryBytes, lastUsedAt, active } of pool.sessions()) {
    const known = models.get(hash)
    models.set(hash, {
      hash,
      name: names.get(hash) ?? hash,
      memoryBytes: memoryBytes + (known?.memoryBytes ?? 0),
      activeRequests: (active ? 1 : 0) + (known?.activeRequests ?? 0),
      lastUsedAt: Math.max(lastUsedAt, known?.lastUsedAt ?? 0),
    })
  }
  return [...models.values()]
}
