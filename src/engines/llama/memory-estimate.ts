/** What a model will take in memory, from its validated header, before anything is loaded. */
import type { GgufInfo } from '../../models/formats/gguf.ts'

/** Node, the binding and llama.cpp's compute buffers, measured with small models; rounded up. */
const processBytes = 120 * 2 ** 20

export function estimateMemoryBytes(
  info: GgufInfo,
  contextSize: number,
  sequences: number,
): number {
  const layers = info.blockCount ?? 1
  const width = info.embeddingLength ?? 0
  const heads = info.headCount ?? 1
  const keyValueWidth = (width / heads) * (info.headCountKv ?? heads)
  // Keys and values, 16 bit each, per position, layer and sequence.
  const cacheBytes = contextSize * sequences * layers * keyValueWidth * 2 * 2
  // Logits of one batch and activations: a few rows of vocabulary and model width in f32.
  const vocabulary = info.tokenizer?.tokenCount ?? 0
  const computeBytes = 4 * (512 * width * 8 + vocabulary * (sequences + 8))
  return Math.ceil(info.tensorBytes + cacheBytes + computeBytes + processBytes)
}
