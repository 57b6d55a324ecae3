/** The engines behind the door: which one runs a package, and how many calls it takes at once. */
import type { Engine, EngineEvent, EngineModel, EngineRequest } from '../engines/contract.ts'
import { AppError } from '../errors.ts'
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
  close(): Promise<void>
}

export interface EnginesOptions {
  engines: readonly Engine[]
  files: ModelFiles
  /** Calls at once per model, by engine, unless the package's settings say `maxConcurrency`. */
  capacities: Record<Engine['name'], number>
}

export function createEngines({ engines, files, capacities }: EnginesOptions): Engines {
  const byName = new Map(engines.map((engine) => [engine.name, engine]))

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

  return {
    prepare,
    run: (model, engineModel, request, signal) =>
      engineOf(model).run(engineModel, request, { signal }),
    async countTokens(model, text, signal) {
      return engineOf(model).countTokens(await prepare(model), text, { signal })
    },
    capacity(model) {
      const asked = model.manifest.settings.maxConcurrency
      return typeof asked === 'number' ? asked : capacities[model.manifest.engine]
    },
    all: () => engines,
    async close() {
      await Promise.all(engines.map((engine) => engine.close()))
    },
  }
}
