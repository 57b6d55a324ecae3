/** What a model file is, by its content: validated header and the facts a manifest records. */
import { AppError } from '../errors.ts'
import type { ByteSource } from './formats/byte-source.ts'
import { readGguf } from './formats/gguf.ts'
import { readOnnx } from './formats/onnx.ts'
import { readSafetensors } from './formats/safetensors.ts'
import type { Manifest } from './manifest.ts'

export interface ModelFileFacts {
  format: Manifest['files'][number]['format']
  facts: Manifest['facts']
}

/**
 * Throws `unreadable_file` when a header is not sound. Small files of other kinds (tokenizers,
 * labels) pass as `other`; large ones of unknown kind do not.
 */
export async function inspectModelFile(source: ByteSource): Promise<ModelFileFacts> {
  if (source.sizeBytes === 0) throw new AppError('unreadable_file', 'The file is empty.')
  const start = Buffer.from(await source.read(0, Math.min(16, source.sizeBytes)))
  if (start.subarray(0, 4).toString('latin1') === 'GGUF') {
    const info = await readGguf(source)
    return {
      format: 'gguf',
      facts: {
        architecture: info.architecture,
        parameters: info.parameterCount,
        ...(info.contextLength !== null && { contextLength: info.contextLength }),
        ...(info.embeddingLength !== null && { embeddingLength: info.embeddingLength }),
        chatTemplate: info.chatTemplate !== null,
      },
    }
  }
  if (start[8] === 0x7b && start.length > 9 && looksLikeSafetensors(start, source.sizeBytes)) {
    const info = await readSafetensors(source)
    return { format: 'safetensors', facts: { parameters: info.parameterCount } }
  }
  if (start[0] === 0x08 && start[1]! < 0x20) {
    const info = await readOnnx(source)
    return { format: 'onnx', facts: { irVersion: info.irVersion } }
  }
  if (source.sizeBytes > otherSizeMaxBytes) {
    throw new AppError(
      'unreadable_file',
      'The file is neither GGUF, ONNX nor safetensors. Those are the formats that can be imported.',
    )
  }
  return { format: 'other', facts: {} }
}

const otherSizeMaxBytes = 64 * 2 ** 20

function looksLikeSafetensors(start: Buffer, sizeBytes: number): boolean {
  const headerBytes = start.readBigUInt64LE(0)
  return headerBytes > 0n && headerBytes <= BigInt(sizeBytes - 8)
}
