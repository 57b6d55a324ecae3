/**
 * A package's manifest: everything about a model but its bytes. Its canonical form is what is hashed
 * and signed, so the hash names the model, its card and its files together.
 */
import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { z } from 'zod'
import { AppError } from '../errors.ts'

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'lower-case letters, digits, dots, dashes; at most 100')

const fileSchema = z.strictObject({
  /** What the engine uses it for, e.g. `weights`, `tokenizer`, `projector`. */
  role: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
  path: z.string().min(1).max(200),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.number().int().min(0),
  format: z.enum(['gguf', 'onnx', 'safetensors', 'other']),
})

const cardSchema = z.strictObject({
  purpose: z.string().max(2000).default(''),
  /** SPDX identifier, or `unknown`. */
  licence: z.string().max(100).default('unknown'),
  origin: z
    .strictObject({
      maker: z.string().max(200).default('unknown'),
      /** ISO 3166-1 alpha-2, or `unknown`. */
      country: z.string().max(20).default('unknown'),
    })
    .prefault({}),
  trainingData: z.string().max(4000).default('not stated'),
  limits: z.string().max(4000).default(''),
})

const priceSchema = z.strictObject({
  inputEurosPerMillionTokens: z.number().min(0).optional(),
  outputEurosPerMillionTokens: z.number().min(0).optional(),
  eurosPerThousandPages: z.number().min(0).optional(),
})

export const manifestSchema = z.strictObject({
  format: z.literal('bastide-package-1'),
  name,
  version: z.string().min(1).max(50),
  engine: z.enum(['llama', 'onnx', 'remote', 'read']),
  task: z.enum(['generate', 'embed', 'read', 'tensor', 'classify', 'tag', 'match']),
  files: z.array(fileSchema).max(1000),
  card: cardSchema,
  price: priceSchema.default({}),
  /** Facts read from the file headers: context length, parameters, architecture. */
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  /** Engine-specific settings. */
  settings: z.record(z.string(), z.unknown()).default({}),
  /** Where it was fetched from, and the immutable revision there; absent where it came as a file. */
  source: z.strictObject({ url: z.string().max(2000), revision: z.string().max(200) }).optional(),
})

export type Manifest = z.infer<typeof manifestSchema>
export type Card = Manifest['card']

/** Lower-case hex SHA-256 of the canonical manifest. */
export function packageHash(manifest: Manifest): string {
  return createHash('sha256').update(canonicalManifest(manifest)).digest('hex')
}

export function canonicalManifest(manifest: Manifest): Buffer {
  return Buffer.from(canonicalize(manifest)!)
}

const canonicalBytesMax = 256 * 1024

/** Throws `too_large` past 256 KB: every manifest is read again whenever models are listed. */
export function requireModest(manifest: Manifest): void {
  if (canonicalManifest(manifest).length <= canonicalBytesMax) return
  throw new AppError('too_large', `The manifest of ${manifest.name} is larger than 256 KB.`, {
    param: 'manifest',
  })
}

export function parseManifest(value: unknown): Manifest {
  const parsed = manifestSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new AppError(
    'invalid_request',
    `The package manifest is not valid: ${issue?.path.join('.')}: ${issue?.message}`,
    { param: 'manifest' },
  )
}

const weightsFormat: Partial<Record<Manifest['engine'], Manifest['files'][number]['format']>> = {
  llama: 'gguf',
  onnx: 'onnx',
}

/** Refuses a package whose engine could not read its weights. */
export function requireWeights({ engine, files }: Manifest): void {
  const wanted = weightsFormat[engine]
  const weights = files.find((file) => file.role === 'weights')
  if (!wanted || weights?.format === wanted) return
  throw new AppError(
    'invalid_request',
    `The engine ${engine} needs a file with the role weights in the format ${wanted}.`,
    { param: 'manifest.files' },
  )
}
