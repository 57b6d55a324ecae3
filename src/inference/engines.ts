/** The engines behind the door: which one runs a package, and how many calls it takes at once. */
import type { Engine, EngineEvent, EngineModel, EngineRequest } from '../engines/contract.ts'
import { AppError, type FailureCode, toAppError } from '../errors.ts'
import type { ModelFiles } from '../models/files.ts'
import type { ModelPackage } from '../models/registry.ts'

export interface Engines {
  /** Checks the files and hands over what the engine needs. */
  prepare(model: ModelPackage): Promise<EngineModel>
  run(
    model: ModelPackage,
    engineModel: EngineModel,
    request: EngineRequest,
    signal: AbortSignal,
  ): AsyncIterable<EngineEvent>
  countTokens(model: ModelPackage, text: string, signal: AbortSignal): Promise<number | null>
  capacity(model: ModelPackage): number
  /** All engines that are set up. */
  all(): readonly Engine[]
  /** How each engine's last calls ended. */
  health(): EngineHealth[]
  close(): Promise<void>
}

export interface EngineHealth {
  name: Engine['name']
  state: 'ok' | 'degraded' | 'down'
  detail: string
}

/** Failures of the engine itself, not of what it was asked. */
const ownFailures: ReadonlySet<FailureCode> = new Set([
  'engine_crashed',
  'internal',
  'timeout',
  'upstream_failed',
])
/** So many in a row, and the engine counts as down. */
const downAfter = 3

interface Failing {
  engine: Engine['name']
  model: string
  inARow: number
  message: string
}

function healthOf(name: Engine['name'], failures: readonly Failing[]): EngineHealth {
  const worst = failures.toSorted((a, b) => b.inARow - a.inARow)[0]
  if (!worst) return { name, state: 'ok', detail: 'ready' }
  const calls = worst.inARow === 1 ? 'the last call' : `the last ${worst.inARow} calls`
  const state = worst.inARow >= downAfter ? 'down' : 'degraded'
  return { name, state, detail: `${worst.model}: ${calls} failed: ${worst.message}` }
}

export interface EnginesOptions {
  engines: readonly Engine[]
  files: ModelFiles
  /** Calls at once per model, by engine, unless the package's settings say `maxConcurrency`. */
  capacities: Record<Engine['name'], number>
}

export function createEngines({ engines, files, capacities }: EnginesOptions): Engines {
  const byName = new Map(engines.map((engine) => [engine.name, engine]))
  /** By package hash: models whose last call their engine failed. */
  const failing = new Map<string, Failing>()

  function engineOf(model: ModelPackage): Engine {
    const engine = byName.get(model.manifest.engine)
    if (engine) return engine
    throw new AppError(
      'model_unavailable',
      `Model "${model.manifest.name}" needs the engine ${model.manifest.engine}, which this server does not run.`,
    )
  }

  async function prepare(model: ModelPackage): Promise<EngineModel> {
    const paths: Record<string, string> = {}
    for (const file of model.manifest.files) {
      paths[file.role] = await files.verifiedPath(file.sha256)
    }
    return {
      hash: model.hash,
      name: model.manifest.name,
      files: paths,
      settings: model.manifest.settings,
    }
  }

  async function* run(
    model: ModelPackage,
    engineModel: EngineModel,
    request: EngineRequest,
    signal: AbortSignal,
  ): AsyncGenerator<EngineEvent> {
    const engine = engineOf(model)
    try {
      yield* engine.run(engineModel, request, { signal })
      failing.delete(model.hash)
    } catch (error) {
      const { code, message } = toAppError(error)
      if (ownFailures.has(code)) {
        const inARow = (failing.get(model.hash)?.inARow ?? 0) + 1
        failing.set(model.hash, {
          engine: engine.name,
          model: model.manifest.name,
          inARow,
          message,
        })
      }
      throw error
    }
  }

  return {
    prepare,
    run,
    async countTokens(model, text, signal) {
      return engineOf(model).countTokens(await prepare(model), text, { signal })
    },
    capacity(model) {
      const asked = model.manifest.settings.maxConcurrency
      return typeof asked === 'number' ? asked : capacities[model.manifest.engine]
    },
    all: () => engines,
    health: () =>
      engines.map(({ name }) => {
        const failures = [...failing.values()].filter((one) => one.engine === name)
        return healthOf(name, failures)
      }),
    async close() {
      await Promise.all(engines.map((engine) => engine.close()))
    },
  }
}
