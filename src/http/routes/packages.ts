/** Packages: uploaded files under a manifest, signed, loaded and removed by their content hash. */

import { z } from 'zod'
import type { Scope } from '../../access/scope.ts'
import type { SigningKey } from '../../assurance/signing.ts'
import { AppError } from '../../errors.ts'
import type { Engines } from '../../inference/engines.ts'
import type { ModelFiles } from '../../models/files.ts'
import {
  type Manifest,
  manifestSchema,
  parseManifest,
  requireWeights,
} from '../../models/manifest.ts'
import {
  addSignature,
  type ModelPackage,
  type Registry,
  registerPackage,
  removePackage,
} from '../../models/registry.ts'
import { signatureSchema, signManifest } from '../../models/signatures.ts'
import type { Change } from '../change.ts'
import { callersBytes } from '../json-body.ts'
import { listBody, pageOf, wholeList } from '../paging.ts'
import { type Route, route } from '../route.ts'
import { listAnswer } from '../shapes.ts'

export interface PackageRouteParts {
  registry: Registry
  files: ModelFiles
  engines: Engines
  signingKey: SigningKey
  change: Change
}

const hashParams = z.object({ hash: z.string().regex(/^[0-9a-f]{64}$/) })

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

export function packageRoutes(parts: PackageRouteParts): Route[] {
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
        const stored = await files.put(callersBytes(incoming.content, incoming.signal))
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
      query: wholeList('asc'),
      response: listAnswer,
      handler: async ({ scope, query }) => {
        const placeOf = ({ hash }: ModelPackage) => hash
        const page = pageOf(await registry.list(scope.organisationId), placeOf, query, 'asc')
        return listBody(page, packageBody, placeOf)
      },
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
        if (body.alias && !scope.permissions.has('aliases:write')) {
          throw new AppError('forbidden', 'Setting an alias needs the permission aliases:write.')
        }
        const hash = await change(incoming, 'model.import', async (transaction) => {
          const { signatures, alias } = body
          const by = scope.actor.id
          const wanted = { organisationId, by, manifest, signatures, alias }
          const made = await registerPackage(transaction, wanted)
          const { name, version } = manifest
          const details = { name, version, alias: made.alias ?? undefined }
          return { result: made.hash, subject: { kind: 'package', id: made.hash }, details }
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
  requireWeights({ ...manifest, files: checked })
  return { ...manifest, files: checked, facts }
}

/** A remote model makes the server connect somewhere: naming the address takes an administrator. */
function requireRemoteRight(scope: Scope, manifest: Manifest): void {
  if (manifest.engine !== 'remote' || scope.permissions.has('egress:write')) return
  throw new AppError('forbidden', 'Remote models need the permission egress:write.')
}
