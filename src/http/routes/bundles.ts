/** Models in one signed file, to and from installations without a network; bills of materials. */
import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Scope } from '../../access/scope.ts'
import type { SigningKey } from '../../assurance/signing.ts'
import type { Clock } from '../../clock.ts'
import type { Config } from '../../config.ts'
import { AppError } from '../../errors.ts'
import { modelsBom, programBom } from '../../models/bom.ts'
import { type ReadBundle, readBundle } from '../../models/bundle/read.ts'
import { writeBundle } from '../../models/bundle/write.ts'
import type { ModelFiles } from '../../models/files.ts'
import { type Registry, registerPackage } from '../../models/registry.ts'
import { knownSigners } from '../../models/signatures.ts'
import type { Database } from '../../store/database.ts'
import type { Change } from '../change.ts'
import { type Route, route } from '../route.ts'

export interface BundleRouteParts {
  db: Database
  registry: Registry
  files: ModelFiles
  signingKey: SigningKey
  importPolicy: Config['importPolicy']
  clock: Clock
  change: Change
}

const tar = 'application/x-tar'

export function bundleRoutes(parts: BundleRouteParts): Route[] {
  const { registry, files, signingKey, clock, change } = parts
  return [
    route({
      method: 'POST',
      path: '/v1/bundles/export',
      guard: 'models:write',
      summary: 'Models as one signed file, with cards and a bill of materials',
      tag: 'Models',
      body: z.strictObject({ models: z.array(z.string().min(1).max(200)).min(1).max(1000) }),
      answers: [tar],
      handler: async (incoming) => {
        const { organisationId } = incoming.scope
        const found = await Promise.all(
          incoming.body.models.map((model) => registry.resolve(organisationId, model)),
        )
        const packages = [...new Map(found.map((one) => [one.hash, one])).values()]
        const now = new Date(clock.now())
        const { bytes, sizeBytes } = await writeBundle(packages, { files, key: signingKey, now })
        await change(incoming, 'bundle.export', async () => ({
          result: null,
          subject: { kind: 'package', id: packages[0]!.hash },
          details: { packages: packages.map(({ hash }) => hash) },
        }))
        return new Response(Readable.toWeb(bytes) as ReadableStream, {
          headers: { 'content-type': tar, 'x-estimated-bytes': String(sizeBytes) },
        })
      },
    }),
    route({
      method: 'POST',
      path: '/v1/bundles',
      guard: 'models:write',
      summary: 'Import the models of a bundle: all of them, or none',
      tag: 'Models',
      rawBody: tar,
      status: 201,
      handler: async (incoming) => {
        const { scope } = incoming
        const signers = await knownSigners(parts.db, scope.organisationId, signingKey)
        const trust = ({ fingerprint }: ReadBundle['signer']) => {
          const signer = signers.find((one) => one.fingerprint === fingerprint)
          const enough =
            parts.importPolicy === 'unsigned-allowed' ||
            (parts.importPolicy === 'own-only' ? signer?.own : signer)
          if (enough) return
          throw new AppError(
            'forbidden',
            `The bundle was made with the key ${fingerprint}, which is not trusted here (policy ${parts.importPolicy}). An administrator can list its maker with POST /v1/signers.`,
          )
        }
        const bundle = await readBundle(incoming.content, files, trust)
        try {
          incoming.signal.throwIfAborted()
          await change(incoming, 'bundle.import', async (transaction) => {
            const { organisationId } = scope
            for (const { manifest, signatures } of bundle.index.packages) {
              const wanted = { organisationId, by: scope.actor.id, manifest, signatures }
              await registerPackage(transaction, wanted)
            }
            // Last, in the transaction: a file that cannot be kept undoes the rows.
            for (const file of bundle.files) await file.keep()
            const { signer, index } = bundle
            return {
              result: null,
              subject: { kind: 'signer', id: signer.fingerprint },
              details: { packages: index.packages.map(({ hash }) => hash) },
            }
          })
        } catch (error) {
          await Promise.all(bundle.files.map((file) => file.discard()))
          throw error
        }
        registry.forget()
        return importedBody(parts, scope, bundle, signers)
      },
    }),
    route({
      method: 'GET',
      path: '/v1/bom/program',
      guard: 'models:read',
      summary: 'What the program is made of (CycloneDX)',
      tag: 'Models',
      handler: async () => programBom(new Date(clock.now())),
    }),
    route({
      method: 'GET',
      path: '/v1/bom/models',
      guard: 'models:read',
      summary: 'What the models are (CycloneDX)',
      tag: 'Models',
      handler: async ({ scope }) => {
        const packages = await registry.list(scope.organisationId)
        return modelsBom(
          packages.map(({ manifest }) => manifest),
          new Date(clock.now()),
        )
      },
    }),
  ]
}

async function importedBody(
  { registry }: BundleRouteParts,
  scope: Scope,
  { index, signer }: ReadBundle,
  signers: Awaited<ReturnType<typeof knownSigners>>,
) {
  const known = signers.find((one) => one.fingerprint === signer.fingerprint)
  const packages = await Promise.all(
    index.packages.map(({ hash }) => registry.get(scope.organisationId, hash)),
  )
  return {
    object: 'bundle',
    created_at: index.createdAt,
    program: index.program,
    signer: { fingerprint: signer.fingerprint, name: known?.name ?? null },
    packages: packages.map(({ hash, manifest, aliases, refusal }) => ({
      hash,
      name: manifest.name,
      version: manifest.version,
      aliases,
      policy: { allowed: refusal === null, reason: refusal },
    })),
  }
}
