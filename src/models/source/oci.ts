/**
 * Resolves an artifact of a registry that speaks the OCI distribution specification 1.1: its manifest,
 * checked against its digest, and in it the one layer that holds a model, as ORAS, Docker Model Runner,
 * Ollama and CNCF ModelPack write them.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { discard, type Egress, readWhole } from '../../egress.ts'
import { AppError } from '../../errors.ts'
import { fetchJson, refusedBy } from './fetch-json.ts'
import { onlyModelFile, type ResolvedSource, requireWhole, type Source } from './source.ts'

const descriptor = z.object({
  mediaType: z.string().max(255),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.number().int().min(0),
  annotations: z.record(z.string(), z.string()).nullish(),
})
const manifestSchema = z.object({
  layers: z.array(descriptor).max(1000),
  annotations: z.record(z.string(), z.string()).nullish(),
})

const accepted =
  'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json'
const manifestBytesMax = 4 * 2 ** 20
const title = 'org.opencontainers.image.title'
const licences = 'org.opencontainers.image.licenses'
const vendor = 'org.opencontainers.image.vendor'

/** Layers that are a model by their type, where no title names a file. */
const modelTypes: readonly [RegExp, string][] = [
  [/^application\/vnd\.ollama\.image\.model$/, 'model.gguf'],
  [/^application\/vnd\.docker\.ai\.gguf\.v\d+$/, 'model.gguf'],
  [/^application\/vnd\.cncf\.model\.weight\.v1\.raw$/, 'model.gguf'],
]

export async function resolveOci(
  source: Extract<Source, { kind: 'oci' }>,
  { egress, endpoint, token }: { egress: Egress; endpoint: string; token: string | null },
): Promise<ResolvedSource> {
  const { repository, reference } = source
  const url = `${endpoint}/v2/${repository}/manifests/${reference}`
  const { bytes, authorization } = await fetchManifest(egress, url, token)
  const revision = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  if (reference.startsWith('sha256:') && reference !== revision) {
    throw new AppError('upstream_failed', `The registry sent another manifest than ${reference}.`)
  }
  const manifest = parseManifest(bytes, repository)
  const layers = manifest.layers.map((layer) => ({ ...layer, path: nameOf(layer) }))
  const layer = onlyModelFile(layers, `${repository}:${reference}`)
  requireWhole(layer.path)
  const maker = manifest.annotations?.[vendor]
  const licence = manifest.annotations?.[licences]
  return {
    file: {
      path: layer.path,
      url: `${endpoint}/v2/${repository}/blobs/${layer.digest}`,
      sha256: layer.digest.slice('sha256:'.length),
      sizeBytes: layer.size,
    },
    origin: { url: `${endpoint}/v2/${repository}/manifests/${revision}`, revision },
    card: { ...(licence && { licence }), ...(maker && { maker }) },
    authorization,
  }
}

function nameOf({ mediaType, annotations }: z.infer<typeof descriptor>): string {
  const named = annotations?.[title]?.split('/').at(-1)
  return named ?? modelTypes.find(([type]) => type.test(mediaType))?.[1] ?? ''
}

function parseManifest(bytes: Buffer, repository: string): z.infer<typeof manifestSchema> {
  try {
    return manifestSchema.parse(JSON.parse(bytes.toString()))
  } catch (error) {
    throw new AppError(
      'upstream_failed',
      `What the registry has of ${repository} is no manifest with layers: an index of several, perhaps. Name one by its digest.`,
      { cause: error },
    )
  }
}

/** A registry says in its refusal where a token is to be had (distribution specification, token auth). */
async function fetchManifest(egress: Egress, url: string, token: string | null) {
  const ask = (authorization: string | null) =>
    egress.fetch(url, {
      purpose: 'model import',
      headers: { accept: accepted, ...(authorization && { authorization }) },
      silenceMaxMs: 30_000,
    })
  let authorization: string | null = null
  let answer = await ask(null)
  if (answer.status === 401) {
    const challenge = answer.headers.get('www-authenticate') ?? ''
    discard(answer)
    authorization = await authorize(egress, challenge, token)
    answer = await ask(authorization)
  }
  if (!answer.ok) {
    discard(answer)
    throw refusedBy(url, answer.status, 'the manifest')
  }
  return { bytes: await readWhole(answer, manifestBytesMax), authorization }
}

const tokenSchema = z.object({ token: z.string().nullish(), access_token: z.string().nullish() })

async function authorize(egress: Egress, challenge: string, token: string | null) {
  const basic = token?.includes(':') ? `Basic ${Buffer.from(token).toString('base64')}` : null
  const given = basic ?? (token ? `Bearer ${token}` : null)
  if (!/^bearer /i.test(challenge)) return given
  const fields = new Map(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!]),
  )
  const realm = fields.get('realm') ?? ''
  if (!URL.canParse(realm)) throw new AppError('upstream_failed', 'The registry names no realm.')
  const wanted = new URL(realm)
  for (const name of ['service', 'scope']) {
    const value = fields.get(name)
    if (value) wanted.searchParams.set(name, value)
  }
  const { body } = await fetchJson(egress, {
    url: wanted.href,
    authorization: given,
    schema: tokenSchema,
    what: 'a token',
  })
  return `Bearer ${body.token ?? body.access_token ?? ''}`
}
