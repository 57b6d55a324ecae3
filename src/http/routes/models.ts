/** Models as the SDKs list them: one entry per alias. */

import type { Scope } from '../../access/scope.ts'
import { AppError } from '../../errors.ts'
import type { Engines } from '../../inference/engines.ts'
import type { Manifest } from '../../models/manifest.ts'
import type { ModelPackage, Registry } from '../../models/registry.ts'
import { byId, listBody, pageOf, wholeList } from '../paging.ts'
import { type Route, route } from '../route.ts'
import { listAnswer, modelNameParams } from '../shapes.ts'

function capabilities(manifest: Manifest) {
  const generates = manifest.task === 'generate'
  const embedsToo = manifest.task === 'embed'
  return {
    completion_chat: generates,
    completion_fim: generates && manifest.settings.fill === true,
    function_calling: generates,
    fine_tuning: false,
    vision: manifest.settings.vision === true,
    classification: false,
    embeddings: embedsToo,
    ocr: manifest.task === 'read',
  }
}

/** A model as `/v1/models` shows it: one entry per alias. */
function modelBody(model: ModelPackage, id: string, loaded: ReadonlySet<string>) {
  const { manifest } = model
  return {
    id,
    object: 'model',
    created: Math.floor(model.createdAt.getTime() / 1000),
    owned_by: manifest.card.origin.maker,
    name: manifest.name,
    description: manifest.card.purpose || null,
    capabilities: capabilities(manifest),
    max_context_length: Number(manifest.facts.contextLength ?? 0) || 32_768,
    aliases: model.aliases.filter((alias) => alias !== id),
    type: 'base',
    bastide: {
      package: model.hash,
      engine: manifest.engine,
      task: manifest.task,
      signed: model.signer !== null,
      signer: model.signer?.name ?? null,
      licence: manifest.card.licence,
      origin_country: manifest.card.origin.country,
      loaded: loaded.has(model.hash),
      allowed: model.refusal === null,
    },
  }
}

export function modelRoutes(parts: { registry: Registry; engines: Engines }): Route[] {
  const { registry, engines } = parts
  async function listed(scope: Scope) {
    const loaded = new Set(
      engines.all().flatMap((engine) => engine.loaded().map((one) => one.hash)),
    )
    const packages = await registry.list(scope.organisationId)
    return packages.flatMap((model) =>
      model.aliases
        .filter((alias) => !scope.allowedModels || scope.allowedModels.includes(alias))
        .map((alias) => modelBody(model, alias, loaded)),
    )
  }
  return [
    route({
      method: 'GET',
      path: '/v1/models',
      guard: 'models:read',
      summary: 'Models this key may call',
      tag: 'Models',
      openai: true,
      query: wholeList('asc'),
      response: listAnswer,
      handler: async ({ scope, query }) =>
        listBody(pageOf(await listed(scope), byId, query, 'asc'), (model) => model, byId),
    }),
    route({
      method: 'GET',
      path: '/v1/models/{name}',
      guard: 'models:read',
      summary: 'One model',
      tag: 'Models',
      openai: true,
      params: modelNameParams,
      handler: async ({ scope, params }) => {
        const found = (await listed(scope)).find((model) => model.id === params.name)
        if (found) return found
        throw new AppError('not_found', `No model "${params.name}". GET /v1/models lists them.`)
      },
    }),
  ]
}
