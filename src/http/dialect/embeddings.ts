/** Embedding requests and answers; both SDKs' ways of asking for sizes and encodings. */
import { z } from 'zod'
import { AppError } from '../../errors.ts'

const dimensions = z.number().int().min(1).max(65_536).nullish()

export const embeddingRequestSchema = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(z.string()).min(1).max(2048), z.array(z.unknown())]),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions,
  output_dimension: dimensions,
  output_dtype: z.enum(['float', 'int8', 'uint8', 'binary', 'ubinary']).nullish(),
})

export type EmbeddingRequestBody = z.infer<typeof embeddingRequestSchema>

export function embeddingInputs(body: EmbeddingRequestBody): string[] {
  if (body.output_dtype && body.output_dtype !== 'float') {
    throw new AppError('invalid_request', 'Only the output_dtype float is served.', {
      param: 'output_dtype',
    })
  }
  const inputs = typeof body.input === 'string' ? [body.input] : body.input
  if (inputs.length > 0 && inputs.every((input) => typeof input === 'string')) return inputs
  throw new AppError(
    'invalid_request',
    'input must be a text or a list of texts; token numbers depend on a tokenizer and are not accepted.',
    { param: 'input' },
  )
}

/** The vector as asked for: cut to a size (and then of unit length again), as numbers or base64. */
export function encodeVector(body: EmbeddingRequestBody, vector: Float32Array) {
  const size = body.dimensions ?? body.output_dimension ?? vector.length
  if (size > vector.length) {
    throw new AppError(
      'invalid_request',
      `The model's vectors have ${vector.length} dimensions; ${size} were asked for.`,
      { param: 'dimensions' },
    )
  }
  const cut = size < vector.length ? unitLength(vector.subarray(0, size)) : vector
  if (body.encoding_format !== 'base64') return [...cut]
  return Buffer.from(cut.buffer, cut.byteOffset, cut.byteLength).toString('base64')
}

function unitLength(vector: Float32Array): Float32Array {
  const norm = Math.hypot(...vector)
  return norm === 0 ? vector.slice() : vector.map((value) => value / norm)
}
