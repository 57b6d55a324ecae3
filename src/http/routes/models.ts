/** Models as the SDKs list them, packages, aliases, signers and remote endpoints. */
import { z } from 'zod'
import type { Scope } from '../../access/scope.ts'
import type { SigningKey } from '../../assurance/signing.ts'
import { AppError } from '../../errors.ts'
import type { Engines } from '../../inference/engines.ts'
import type { ModelFiles } from '../../models/files.ts'
import { type Manifest, manifestSchema, parseManifest } from '../../models/manifest.ts'
import {
  addPackage,
  addSignature,
  aliasHistory,
  listAliases,
  type ModelPackage,
  moveAlias,
  type Registry,
  removePackage,
  rollbackTarget,
} from '../../models/registry.ts'
import { addSigner, knownSigners, signatureSchema, signManifest } from '../../models/signatures.ts'
import type { Database } from '../../store/database.ts'
import type { Keyring } from '../../store/keyring.ts'
import type { Change } from '../change.ts'
import { callersBytes } from '../json-body.ts'
import { type Route, route } from '../route.ts'
import { listAnswer } from '../shapes.ts'

export interface ModelRouteParts {
  db: Database
  registry: Registry
  files: ModelFiles
  engines: Engines
  signingKey: SigningKey
  keyring: Keyring
  change: Change
}

const hashParams = z.object({ hash: z.string().regex(/^[0-9a-f]{64}$/) })
const nameParams = z.object({ name: z.string().min(1).max(150) })

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

function packageBody(model: ModelPackage) {
  const { manifest } = model
  const { card } = manifest
  return {
    hash: model.hash,
    object: 'package',
    name: manifest.name,
    version: manifest.version,
    engine: manifest.engine,
    task: manifest.task,
    size_bytes: model.sizeBytes,
    created_at: model.createdAt,
    card: {
      purpose: card.purpose,
      licence: card.licence,
      origin: card.origin,
      training_data: card.trainingData,
      limits: card.limits,
    },
    facts: manifest.facts,
    signature: model.signer
      ? {
          key_fingerprint: model.signer.fingerprint,
          signer: model.signer.name,
          own: model.signer.own,
        }
      : null,
    policy: { allowed: model.refusal === null, reason: model.refusal },
    aliases: model.aliases,
    files: manifest.files.map(({ path, sha256, sizeBytes, role }) => ({
      path,
      role,
      sha256,
      size_bytes: sizeBytes,
    })),
  }
}

export function modelRoutes({ registry, engines }: ModelRouteParts): Route[] {
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
      response: listAnswer,
      handler: async ({ scope }) => ({ object: 'list', data: await listed(scope) }),
    }),
    route({
      method: 'GET',
      path: '/v1/models/{name}',
      guard: 'models:read',
      summary: 'One model',
      tag: 'Models',
      openai: true,
      params: nameParams,
      handler: async ({ scope, params }) => {
        const found = (await listed(scope)).find((model) => model.id === params.name)
        if (found) return found
        throw new AppError('not_found', `No model "${params.name}". GET /v1/models lists them.`)
      },
    }),
  ]
}

export function packageRoutes(parts: ModelRouteParts): Route[] {
  const { registry, files, change, signingKey } = parts
  return [
    route({
      method: 'POST',
      path: '/v1/model-files',
      guard: 'models:write',
      summary: 'Upload a model file; its header is checked before it is kept',
      tag: 'Models',
      rawBody: 'application/octet-stream',
      status: 201,
      handler: async (incoming) => {
        const stored = await files.put(callersBytes(incoming.content))
        return change(incoming, 'model-file.upload', async () => ({
          result: {
            object: 'model_file',
            sha256: stored.sha256,
            size_bytes: stored.sizeBytes,
            ...stored.facts,
          },
          subject: { kind: 'model-file', id: stored.sha256 },
          details: { size_bytes: stored.sizeBytes, format: stored.facts.format },
        }))
      },
    }),
    route({
      method: 'GET',
      path: '/v1/packages',
      guard: 'models:read',
      summary: 'List model packages',
      tag: 'Models',
      response: listAnswer,
      handler: async ({ scope }) => ({
        object: 'list',
        data: (await registry.list(scope.organisationId)).map(packageBody),
      }),
    }),
    route({
      method: 'POST',
      path: '/v1/packages',
      guard: 'models:write',
      summary: 'Register a package over uploaded files',
      tag: 'Models',
      status: 201,
      body: z.strictObject({
        manifest: manifestSchema,
        signatures: z.array(signatureSchema).max(20).default([]),
        /** Also point this alias at it; default: the package's name, if that alias is free. */
        alias: z.string().max(150).optional(),
      }),
      handler: async (incoming) => {
        const { scope, body } = incoming
        const manifest = await checkedManifest(files, parseManifest(body.manifest))
        requireRemoteRight(scope, manifest)
        const { organisationId } = scope
        const hash = await change(incoming, 'model.import', async (transaction) => {
          const by = scope.actor.id
          const { signatures } = body
          const added = await addPackage(transaction, { organisationId, by, manifest, signatures })
          const aliases = await listAliases(transaction, organisationId)
          const free = !aliases.some((alias) => alias.name === manifest.name)
          const name = body.alias ?? (free ? manifest.name : null)
          if (body.alias && !scope.permissions.has('aliases:write')) {
            throw new AppError('forbidden', 'Setting an alias needs the permission aliases:write.')
          }
          if (name) {
            const move = {
              organisationId,
              name,
              packageHash: added,
              by,
              action: 'promote' as const,
            }
            await moveAlias(transaction, move)
          }
          const details = {
            name: manifest.name,
            version: manifest.version,
            alias: name ?? undefined,
          }
          return { result: added, subject: { kind: 'package', id: added }, details }
        })
        registry.forget()
        return packageBody(await registry.get(organisationId, hash))
      },
    }),
    route({
      method: 'GET',
      path: '/v1/packages/{hash}',
      guard: 'models:read',
      summary: 'One package with its manifest',
      tag: 'Models',
      params: hashParams,
      handler: async ({ scope, params }) => {
        const model = await registry.get(scope.organisationId, params.hash)
        return { ...packageBody(model), manifest: model.manifest }
      },
    }),
    route({
      method: 'POST',
      path: '/v1/packages/{hash}/sign',
      guard: 'aliases:write',
      summary: "Sign a package with the installation's key",
      tag: 'Models',
      params: hashParams,
      handler: async (incoming) => {
        const { scope, params } = incoming
        const model = await registry.get(scope.organisationId, params.hash)
        const signature = signManifest(model.manifest, signingKey)
        await change(incoming, 'model.sign', async (transaction) => {
          await addSignature(transaction, scope, params.hash, signature)
          const details = { fingerprint: signature.fingerprint }
          return { result: null, subject: { kind: 'package', id: params.hash }, details }
        })
        registry.forget()
        return packageBody(await registry.get(scope.organisationId, params.hash))
      },
    }),
    route({
      method: 'POST',
      path: '/v1/packages/{hash}/unload',
      guard: 'models:write',
      summary: 'Free the memory of a loaded model',
      tag: 'Models',
      params: hashParams,
      handler: async (incoming) => {
        const model = await registry.get(incoming.scope.organisationId, incoming.params.hash)
        await Promise.all(parts.engines.all().map((engine) => engine.unload(model.hash)))
        await change(incoming, 'model.unload', async () => ({
          result: null,
          subject: { kind: 'package', id: model.hash },
        }))
        return null
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/packages/{hash}',
      guard: 'models:write',
      summary: 'Remove a package that no alias points at',
      tag: 'Models',
      params: hashParams,
      handler: async (incoming) => {
        const model = await registry.get(incoming.scope.organisationId, incoming.params.hash)
        await change(incoming, 'model.remove', async (transaction) => {
          await removePackage(transaction, incoming.scope, model)
          return { result: null, subject: { kind: 'package', id: model.hash } }
        })
        registry.forget()
        return null
      },
    }),
  ]
}

/** Takes file sizes, formats and header facts from the stored bytes, not from the caller. */
async function checkedManifest(files: ModelFiles, manifest: Manifest): Promise<Manifest> {
  let facts = manifest.facts
  const checked: Manifest['files'] = []
  for (const file of manifest.files) {
    const stored = await files.inspect(file.sha256)
    checked.push({ ...file, sizeBytes: stored.sizeBytes, format: stored.facts.format })
    facts = { ...facts, ...stored.facts.facts }
  }
  const weights = checked.find((file) => file.role === 'weights')
  const wanted = { llama: 'gguf', onnx: 'onnx', remote: undefined, read: undefined }[
    manifest.engine
  ]
  if (wanted && weights?.format !== wanted) {
    throw new AppError(
      'invalid_request',
      `The engine ${manifest.engine} needs a file with the role weights in the format ${wanted}.`,
      { param: 'manifest.files' },
    )
  }
  return { ...manifest, files: checked, facts }
}

/** A remote model makes the server connect somewhere: naming the address takes an administrator. */
function requireRemoteRight(scope: Scope, manifest: Manifest): void {
  if (manifest.engine !== 'remote' || scope.permissions.has('egress:write')) return
  throw new AppError('forbidden', 'Remote models need the permission egress:write.')
}

export function aliasRoutes({ db, registry, change }: ModelRouteParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/aliases',
      guard: 'models:read',
      summary: 'List aliases',
      tag: 'Models',
      response: listAnswer,
      handler: async ({ scope }) => {
        const packages = await registry.list(scope.organisationId)
        const names = new Map(packages.map((model) => [model.hash, model.manifest.name]))
        const rows = await listAliases(db, scope.organisationId)
        return {
          object: 'list',
          data: rows.map((row) => ({
            name: row.name,
            object: 'alias',
            package: row.package_hash,
            package_name: names.get(row.package_hash) ?? null,
            updated_at: row.updated_at,
            updated_by: row.updated_by,
          })),
        }
      },
    }),
    route({
      method: 'PUT',
      path: '/v1/aliases/{name}',
      guard: 'aliases:write',
      summary: 'Point an alias at a package (promotion)',
      tag: 'Models',
      params: nameParams,
      body: z.strictObject({ package: z.string(), note: z.string().max(2000).optional() }),
      handler: async (incoming) => {
        const { scope, params, body } = incoming
        const { organisationId } = scope
        const model = await registry.resolve(organisationId, body.package)
        if (model.refusal) {
          throw new AppError('forbidden', `It may not be loaded: ${model.refusal}.`)
        }
        if (model.aliases.includes(params.name)) return { name: params.name, package: model.hash }
        await change(incoming, 'alias.promote', async (transaction) => {
          const move = { organisationId, name: params.name, packageHash: model.hash }
          const by = scope.actor.id
          await moveAlias(transaction, { ...move, by, action: 'promote', note: body.note })
          const details = { package: model.hash, note: body.note }
          return { result: null, subject: { kind: 'alias', id: params.name }, details }
        })
        registry.forget()
        return { name: params.name, object: 'alias', package: model.hash }
      },
    }),
    route({
      method: 'POST',
      path: '/v1/aliases/{name}/rollback',
      guard: 'aliases:write',
      summary: 'Point an alias back at the package before',
      tag: 'Models',
      params: nameParams,
      handler: async (incoming) => {
        const { scope, params } = incoming
        const { organisationId } = scope
        const target = await change(incoming, 'alias.rollback', async (transaction) => {
          const packageHash = await rollbackTarget(transaction, organisationId, params.name)
          const by = scope.actor.id
          const move = { organisationId, name: params.name, packageHash, by }
          await moveAlias(transaction, { ...move, action: 'rollback' })
          const subject = { kind: 'alias', id: params.name }
          return { result: packageHash, subject, details: { package: packageHash } }
        })
        registry.forget()
        return { name: params.name, object: 'alias', package: target }
      },
    }),
    route({
      method: 'GET',
      path: '/v1/aliases/{name}/history',
      guard: 'models:read',
      summary: 'What an alias pointed at, newest first',
      tag: 'Models',
      params: nameParams,
      response: listAnswer,
      handler: async ({ scope, params }) => {
        const rows = await aliasHistory(db, scope.organisationId, params.name)
        return {
          object: 'list',
          data: rows.map((row) => ({
            package: row.package_hash,
            package_name: row.package_name,
            at: row.at,
            by: row.by,
            action: row.action,
            note: row.note,
          })),
        }
      },
    }),
  ]
}

export function signerRoutes(parts: ModelRouteParts): Route[] {
  const { db, registry, signingKey, keyring, change } = parts
  return [
    route({
      method: 'GET',
      path: '/v1/signers',
      guard: 'models:read',
      summary: 'Whose signatures are known here',
      tag: 'Models',
      response: listAnswer,
      handler: async ({ scope }) => ({
        object: 'list',
        data: (await knownSigners(db, scope.organisationId, signingKey)).map((signer) => ({
          fingerprint: signer.fingerprint,
          name: signer.name,
          public_key: signer.publicKey,
          own: signer.own,
        })),
      }),
    }),
    route({
      method: 'POST',
      path: '/v1/signers',
      guard: 'egress:write',
      summary: 'List a signer',
      tag: 'Models',
      status: 201,
      body: z.strictObject({
        name: z.string().min(1).max(200),
        public_key: z.string().min(1).max(2000),
      }),
      handler: async (incoming) => {
        const { scope, body } = incoming
        const signer = await change(incoming, 'signer.add', async (transaction) => {
          const added = await addSigner(transaction, scope, body.name, body.public_key)
          return { result: added, subject: { kind: 'signer', id: added.fingerprint } }
        })
        registry.forget()
        return { fingerprint: signer.fingerprint, name: signer.name, own: false }
      },
    }),
    route({
      method: 'PUT',
      path: '/v1/secrets/{name}',
      guard: 'secrets:write',
      summary: 'Store a secret that a remote model names; it cannot be read back',
      tag: 'Models',
      params: z.object({ name: z.string().regex(/^[a-z0-9-]{1,60}$/) }),
      body: z.strictObject({ value: z.string().min(1).max(10_000) }),
      handler: async (incoming) => {
        const { name } = incoming.params
        const value = Buffer.from(incoming.body.value)
        await change(incoming, 'secret.set', async (transaction) => {
          await keyring.sealSecret(`remote:${name}`, value, transaction)
          return { result: null, subject: { kind: 'secret', id: name } }
        })
        return null
      },
    }),
  ]
}
