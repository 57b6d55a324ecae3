/** Writes a tiny ONNX model for tests: y = x · W + b, hand-encoded protobuf. */

const varint = (value: number): number[] => {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest % 128) | 0x80)
  }
}
const number = (field: number, value: number) => [...varint(field * 8), ...varint(value)]
const bytes = (field: number, payload: ArrayLike<number>) => [
  ...varint(field * 8 + 2),
  ...varint(payload.length),
  ...Array.from(payload),
]
const text = (field: number, value: string) => bytes(field, Buffer.from(value))

export interface LinearModel {
  inputs: number
  outputs: number
  /** Row-major [inputs, outputs]. */
  weights: Float32Array
  bias: Float32Array
  /** How often the product is repeated in sequence (inputs must equal outputs); for slow models. */
  repeats?: number
}

export function linearOnnx({
  inputs,
  outputs,
  weights,
  bias,
  repeats = 1,
}: LinearModel): Uint8Array {
  const float = 1
  const tensor = (name: string, shape: number[], data: Float32Array) => [
    ...shape.flatMap((size) => number(1, size)),
    ...number(2, float),
    ...text(8, name),
    ...bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ]
  const value = (name: string, width: number) => {
    const shape = [...bytes(1, text(2, 'rows')), ...bytes(1, number(1, width))]
    const tensorType = [...number(1, float), ...bytes(2, shape)]
    return [...text(1, name), ...bytes(2, bytes(1, tensorType))]
  }
  const node = (operator: string, from: string[], to: string) => [
    ...from.flatMap((name) => text(1, name)),
    ...text(2, to),
    ...text(4, operator),
  ]
  const products = Array.from({ length: repeats }, (_, i) =>
    bytes(1, node('MatMul', [i === 0 ? 'x' : `p${i - 1}`, 'W'], `p${i}`)),
  )
  const graph = [
    ...products.flat(),
    ...bytes(1, node('Add', [`p${repeats - 1}`, 'b'], 'y')),
    ...text(2, 'linear'),
    ...bytes(5, tensor('W', [inputs, outputs], weights)),
    ...bytes(5, tensor('b', [outputs], bias)),
    ...bytes(11, value('x', inputs)),
    ...bytes(12, value('y', outputs)),
  ]
  return Uint8Array.from([
    ...number(1, 9),
    ...text(2, 'bastide'),
    ...bytes(7, graph),
    ...bytes(8, number(2, 17)),
  ])
}
