import assert from 'node:assert/strict'
import { estimateMemoryBytes } from '../../../src/engines/llama/memory-estimate.ts'
import { bytesSource } from '../../../src/models/formats/byte-source.ts'
import { readGguf } from '../../../src/models/formats/gguf.ts'
import { ggufChunks } from '../../../src/models/formats/gguf-writer.ts'
import { takenOrRefused } from '../refusals.ts'
import type { FuzzTarget } from '../target.ts'

const tensors = [
  { name: 'a', shape: [3, 5], type: 'f32', data: new Float32Array(15).fill(1) },
  { name: 'b', shape: [7], type: 'f16', data: new Float32Array(7).fill(0.1) },
] as const

export const target: FuzzTarget = {
  name: 'gguf',
  patienceMs: 2000,
  dictionary: [
    ...['GGUF', 'general.architecture', 'general.alignment', 'tokenizer.ggml.tokens', 'llama'],
    ...['llama.attention.head_count', 'llama.block_count', 'tokenizer.chat_template'],
    // An array of strings, and one in another.
    Buffer.from([9, 0, 0, 0, 8, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.from([9, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
  ],
  async seeds() {
    const metadata = {
      'general.architecture': { type: 'string', value: 'llama' },
      'general.alignment': { type: 'uint32', value: 32 },
      'llama.context_length': { type: 'uint32', value: 128 },
      'llama.embedding_length': { type: 'uint32', value: 64 },
      'llama.block_count': { type: 'uint32', value: 2 },
      'llama.attention.head_count': { type: 'int32s', value: [4, 4] },
      'llama.rope.freq_base': { type: 'float32', value: 10000 },
      'tokenizer.ggml.model': { type: 'string', value: 'gpt2' },
      'tokenizer.ggml.tokens': { type: 'strings', value: ['a', 'b', 'ß'] },
      'tokenizer.ggml.scores': { type: 'float32s', value: [0, 1, 2] },
      'tokenizer.ggml.token_type': { type: 'int32s', value: [1, 1, 3] },
      'tokenizer.ggml.eos_token_id': { type: 'uint32', value: 2 },
      'tokenizer.ggml.add_bos_token': { type: 'bool', value: true },
      'tokenizer.chat_template': { type: 'string', value: '{{ messages }}' },
    } as const
    const many = Array.from({ length: 100 }, (_, index) => `token${index}`)
    const words = {
      'general.architecture': { type: 'string', value: 'bert' },
      'tokenizer.ggml.model': { type: 'string', value: 'bert' },
      'tokenizer.ggml.tokens': { type: 'strings', value: many },
    } as const
    return [
      Buffer.concat([...ggufChunks(metadata, tensors)]),
      Buffer.concat([...ggufChunks(words, [])]),
      Buffer.concat([...ggufChunks({}, tensors)]),
    ]
  },
  take: (bytes) =>
    takenOrRefused(['unreadable_file'], async () => {
      const info = await readGguf(bytesSource(bytes))
      let end = 0
      for (const { offset, sizeBytes, shape } of info.tensors.toSorted(
        (a, b) => a.offset - b.offset,
      )) {
        assert.ok(offset >= end && sizeBytes > 0, 'tensors overlap or are empty')
        assert.ok(shape.every((size) => Number.isSafeInteger(size) && size > 0))
        end = offset + sizeBytes
      }
      assert.ok(end <= bytes.length, 'a tensor lies outside the file')
      assert.ok(Number.isSafeInteger(info.parameterCount))
      const memoryBytes = estimateMemoryBytes(info, 4096, 4)
      assert.ok(
        memoryBytes > 0 && Number.isFinite(memoryBytes),
        `it would take ${memoryBytes} bytes`,
      )
      return `taken, ${info.tensors.length} tensors, ${info.metadata.size} entries`
    }),
}
