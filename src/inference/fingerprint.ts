/** Keyed digests of what went in and came out: they prove a text later, and tell nothing before. */
import type { EngineRequest, Tensor } from '../engines/contract.ts'
import type { DataKey } from '../store/keyring.ts'

export function contentFingerprints(key: DataKey, request: EngineRequest, output: string[]) {
  return {
    input_digest: key.digest(inputBytes(request)),
    ...(output.length > 0 && { output_digest: key.digest(output.join('')) }),
  }
}

/** Names, shapes and values, in the order of the names. */
function tensorBytes(inputs: Record<string, Tensor>): Uint8Array {
  const parts = Object.keys(inputs)
    .sort()
    .flatMap((name) => {
      const { type, shape, data } = inputs[name]!
      const values = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
      return [Buffer.from(JSON.stringify([name, type, shape])), values]
    })
  return Buffer.concat(parts)
}

function inputBytes(request: EngineRequest): Uint8Array | string {
  if (request.task === 'read') return request.bytes
  if (request.task === 'embed') return JSON.stringify(request.inputs)
  if (request.task === 'tensor') return tensorBytes(request.inputs)
  const { input } = request
  if (input.type === 'text') return input.prompt
  return JSON.stringify(input, (_name, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  )
}
