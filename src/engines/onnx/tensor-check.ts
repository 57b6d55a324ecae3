/** Holds a request's tensors against what the model declares, before native code sees them. */
import { AppError } from '../../errors.ts'
import type { OnnxInfo, OnnxValue } from '../../models/formats/onnx.ts'
import type { Tensor } from '../contract.ts'

const bytesMax = 2 ** 30

export function checkInputs(inputs: Record<string, Tensor>, model: OnnxInfo): void {
  const expected = new Map(model.inputs.map((input) => [input.name, input]))
  for (const name of Object.keys(inputs)) {
    if (!expected.has(name)) {
      const known = [...expected.keys()].join(', ')
      throw invalid(name, `is not an input of the model (${known})`)
    }
  }
  for (const [name, input] of expected) {
    const tensor = Object.hasOwn(inputs, name) ? inputs[name] : undefined
    if (!tensor) throw invalid(name, 'is missing')
    checkTensor(name, tensor, input)
  }
}

const invalid = (name: string, what: string) =>
  new AppError('invalid_request', `Input "${name.slice(0, 80)}" ${what}.`, {
    param: `inputs.${name.slice(0, 80)}`,
  })

function checkTensor(name: string, tensor: Tensor, expected: OnnxValue): void {
  const { type, data, shape } = tensor
  if (expected.type !== null && expected.type !== type) {
    throw invalid(name, `has the type ${type}; the model takes ${expected.type}`)
  }
  if (!holdsType(tensor)) throw invalid(name, `does not hold ${type} values`)
  if (data.byteLength > bytesMax) throw invalid(name, 'is larger than 1 GiB')
  const good = shape.every((size) => Number.isSafeInteger(size) && size >= 0)
  if (!good || shape.reduce((product, size) => product * size, 1) !== data.length) {
    throw invalid(name, `has ${data.length} values for the shape [${shape.slice(0, 16)}]`)
  }
  const dimensions = expected.shape
  if (!dimensions) return
  const fits =
    dimensions.length === shape.length &&
    dimensions.every((size, i) => typeof size !== 'number' || size < 0 || size === shape[i])
  if (!fits) {
    const wanted = dimensions.map((size) => size ?? '?').join(', ')
    throw invalid(name, `has the shape [${shape.slice(0, 16)}]; the model takes [${wanted}]`)
  }
}

function holdsType({ type, data }: Tensor): boolean {
  if (type === 'float32') return data instanceof Float32Array
  if (type === 'int64') return data instanceof BigInt64Array
  if (type === 'int32') return data instanceof Int32Array
  return data instanceof Uint8Array
}
