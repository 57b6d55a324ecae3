/**
 * Resolves a file of a Hugging Face repository by the hub's HTTP API (`/api/models/…?blobs=true`), or of a
 * mirror that speaks it, to the commit it stands at and the digest the hub keeps of it.
 */
import { z } from 'zod'
import type { Egress } from '../../egress.ts'
import { AppError } from '../../errors.ts'
import { fetchJson } from './fetch-json.ts'
import { onlyModelFile, type ResolvedSource, requireWhole, type Source } from './source.ts'

const repositorySchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40,64}$/),
  author: z.string().max(200).nullish(),
  cardData: z.object({ license: z.string().max(100).nullish() }).nullish(),
  siblings: z.array(
    z.object({
      rfilename: z.string(),
      size: z.number().int().nullish(),
      lfs: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }).nullish(),
    }),
  ),
})

export async function resolveHuggingFace(
  source: Extract<Source, { kind: 'hf' }>,
  { egress, endpoint, token }: { egress: Egress; endpoint: string; token: string | null },
): Promise<ResolvedSource> {
  const { repository, revision } = source
  const authorization = token ? `Bearer ${token}` : null
  const { body: found } = await fetchJson(egress, {
    url: `${endpoint}/api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`,
    authorization,
    schema: repositorySchema,
    what: `the repository ${repository} at "${revision}"`,
  })
  const files = found.siblings.map((one) => ({ ...one, path: one.rfilename }))
  const file = source.file
    ? files.find(({ path }) => path === source.file)
    : onlyModelFile(files, repository)
  if (!file) throw new AppError('not_found', `${repository} has no file ${source.file}.`)
  requireWhole(file.path)
  if (!file.lfs) {
    throw new AppError(
      'unsupported',
      `The hub keeps no digest of ${file.path}, so what comes could not be checked. Download it yourself and import the file.`,
      { param: 'source' },
    )
  }
  const path = file.path.split('/').map(encodeURIComponent).join('/')
  const url = `${endpoint}/${repository}/resolve/${found.sha}/${path}`
  const licence = found.cardData?.license
  return {
    file: {
      path: file.path.split('/').at(-1)!,
      url,
      sha256: file.lfs.sha256,
      sizeBytes: file.size ?? null,
    },
    origin: { url, revision: found.sha },
    card: {
      ...(licence && licence !== 'other' && { licence }),
      maker: found.author ?? repository.split('/')[0]!,
    },
    authorization,
  }
}
