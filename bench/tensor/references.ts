/** The two models of the benchmark. */
import { perceptron, transformer } from '../../src/forge/tensor/torch-fixture.ts'

export const references = {
  perceptron: perceptron([784, 512, 512, 10], 128),
  transformer: transformer({
    layers: 4,
    width: 256,
    heads: 4,
    hidden: 1024,
    classes: 64,
    batch: 16,
    length: 128,
  }),
}

export type ReferenceName = keyof typeof references
