/** A trained classifier as a package, and a package as a classifier. */

import { Tensor as OrtTensor } from 'onnxruntime-node'
import { z } from 'zod'
import { createClassifier } from '../../models/specialist/classifier.ts'
import { type ClassifyContract, classifyContract } from '../../models/specialist/contract.ts'
import { readVocabulary, vocabularyBytes } from '../../models/specialist/vocabulary-file.ts'
import { type Package, readPackage } from '../package.ts'
import { openSession } from '../tensor/training-session.ts'
import { thresholdsOf } from './evaluate.ts'
import { linearGraph } from './linear-graph.ts'
import type { Classifier } from './train.ts'

const thresholdSchema = z.array(z.object({ target: z.number(), probability: z.number() }))

export const specialistFiles = {
  contract: 'specialist.json',
  vocabulary: 'vocabulary.bin',
  weights: 'weights.onnx',
  thresholds: 'thresholds.json',
  recipe: 'recipe.json',
  evaluation: 'evaluation.json',
} as const

/** The files of a classifier, and how many numbers it learned. */
export function classifierFiles({ contract, vocabulary, machine, heldOut }: Classifier) {
  const { bytes, parameters } = linearGraph(machine)
  return {
    parameters,
    files: {
      [specialistFiles.contract]: contract,
      [specialistFiles.vocabulary]: vocabularyBytes(vocabulary),
      [specialistFiles.weights]: bytes,
      [specialistFiles.thresholds]: contract.multiple ? [] : thresholdsOf(heldOut, contract),
    },
  }
}

/** A classifier read from its folder, as it is served. */
export async function openClassifier(folder: string) {
  const read = await readPackage(folder)
  const contract = read.json(specialistFiles.contract, classifyContract)
  const thresholds = read.json(specialistFiles.thresholds, thresholdSchema)
  return { ...(await running(read, contract)), contract, thresholds, sizeBytes: read.sizeBytes }
}

async function running(read: Package, contract: ClassifyContract) {
  const vocabulary = readVocabulary(read.bytes(specialistFiles.vocabulary), contract.ngrams)
  const session = await openSession(read.bytes(specialistFiles.weights))
  const classifier = createClassifier(contract, vocabulary, async (rows, values, width) => {
    const shape = [values.length / width, width]
    const { scores } = await session.run({
      rows: new OrtTensor('int64', rows, shape),
      values: new OrtTensor('float32', values, shape),
    })
    return scores!.data as Float32Array
  })
  return { classifier, close: () => session.release() }
}
