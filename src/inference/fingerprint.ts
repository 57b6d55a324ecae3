/** Keyed digests of what went in and came out: they prove a text later, and tell nothing before. */
import type { EngineRequest, Tensor } from '../engines/contract.ts'
import type { DataKey } from '../store/keyring.ts'

export interface Fingerprint {
  /** A piece of the answer's text; pieces are not kept. */
  add(text: string): void
  /** Digests of the request and, where there was text, of the whole answer. */
  digests(): { input_digest: string; output_digest?: string }
}

export function createFingerprint(key: DataKey, request: EngineRequest): Fingerprint {
  const output = key.digester()
  let [isEmpty, highSurrogate] = [true, '']
  return {
    add(text) {
      isEmpty = false
      // A character may be cut in two between pieces; its halves have no encoding of their own.
      const whole = highSurrogate + text
      highSurrogate = /[\ud800-\udbff]$/.exec(whole)?.[0] ?? ''
      output.update(highSurrogate ? whole.slice(0, -1) : whole)
    },
    digests: () => ({
      input_digest: key.digest(inputBytes(request)),
      ...(!isEmpty && { output_digest: output.update(highSurrogate).digest('hex') }),
    }),
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
  if (request.task === 'classify' || request.task === 'tag') return JSON.stringify(request.texts)
  if (request.task === 'match') return JSON.stringify(request.pairs)
  if (request.task === 'tensor') return tensorBytes(request.inputs)
  const { input } = request
  if (input.type === 'text') return input.prompt
  return JSON.stringify(input, (_name, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  )
}
