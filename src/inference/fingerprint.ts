/** Keyed digests of what went in and came out: they prove a text later, and tell nothing before. */
import type { EngineRequest } from '../engines/contract.ts'
import type { DataKey } from '../store/keyring.ts'

export function contentFingerprints(key: DataKey, request: EngineRequest, output: string[]) {
  return {
    input_digest: key.digest(inputBytes(request)),
    ...(output.length > 0 && { output_digest: key.digest(output.join('')) }),
  }
}

function inputBytes(request: EngineRequest): Uint8Array | string {
  if (request.task === 'read') return request.bytes
  if (request.task === 'embed') return JSON.stringify(request.inputs)
  if (request.task === 'tensor') return JSON.stringify(Object.keys(request.inputs))
  const { input } = request
  if (input.type === 'text') return input.prompt
  return JSON.stringify(input, (_name, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  )
}
