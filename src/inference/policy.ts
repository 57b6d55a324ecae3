/** Per-call policy: which models a key may call, with which classes of data. */
import type { Scope } from '../access/scope.ts'
import type { EngineRequest } from '../engines/contract.ts'
import { AppError } from '../errors.ts'
import type { ModelPackage } from '../models/registry.ts'

export interface PolicyQuestion {
  model: string
  request: EngineRequest
  dataClass?: string | null
}

export function requireModelAllowed(
  scope: Scope,
  model: ModelPackage,
  question: PolicyQuestion,
): void {
  if (model.manifest.task !== question.request.task) {
    throw new AppError(
      'invalid_request',
      `Model "${question.model}" does ${model.manifest.task}, not ${question.request.task}. GET /v1/models lists what each model does.`,
      { param: 'model' },
    )
  }
  if (model.refusal) {
    throw new AppError(
      'forbidden',
      `Model "${question.model}" may not be loaded: ${model.refusal}. An administrator can sign it or change the policy.`,
      { param: 'model' },
    )
  }
  const names = [model.hash, model.manifest.name, ...model.aliases]
  if (scope.allowedModels && !scope.allowedModels.some((allowed) => names.includes(allowed))) {
    throw new AppError(
      'forbidden',
      `This key may not call "${question.model}". It may call: ${scope.allowedModels.join(', ')}.`,
      { param: 'model' },
    )
  }
  if (scope.clientModel !== null && !names.includes(scope.clientModel)) {
    throw new AppError('forbidden', `This client session is for "${scope.clientModel}" alone.`, {
      param: 'model',
    })
  }
  requireDataClass(scope.allowedDataClasses, question.dataClass ?? null, 'This key')
  const { dataClasses } = model.manifest.settings
  if (Array.isArray(dataClasses)) {
    requireDataClass(dataClasses.map(String), question.dataClass ?? null, `"${question.model}"`)
  }
}

/** An unnamed class is only accepted where every class is. */
function requireDataClass(allowed: readonly string[] | null, named: string | null, who: string) {
  if (!allowed || (named !== null && allowed.includes(named))) return
  const given = named === null ? 'the call names none' : `the call says "${named}"`
  throw new AppError(
    'forbidden',
    `${who} accepts only data of the classes ${allowed.join(', ')}; ${given}. Name it in the header x-data-class.`,
  )
}
