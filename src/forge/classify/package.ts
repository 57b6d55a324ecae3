/** A trained classifier as a package, and a package as a classifier. */

import { z } from 'zod'
import { createClassifier } from '../../models/specialist/classifier.ts'
import { type ClassifyContract, classifyContract } from '../../models/specialist/contract.ts'
import { readVocabulary, vocabularyBytes } from '../../models/specialist/vocabulary-file.ts'
import { linearGraph, openScores } from '../linear/graph.ts'
import { type Package, packageFiles, readPackage } from '../package.ts'
import { thresholdsOf } from './evaluate.ts'
import type { Classifier } from './train.ts'

const thresholdSchema = z.array(z.object({ target: z.number(), probability: z.number() }))

const thresholdsName = 'thresholds.json'

/** The files of a classifier, and how many numbers it learned. */
export function classifierFiles({ contract, vocabulary, machine, heldOut }: Classifier) {
  const { bytes, parameters } = linearGraph(machine)
  const thresholds = contract.multiple ? [] : thresholdsOf(heldOut, contract)
  return {
    parameters,
    thresholds,
    files: {
      [packageFiles.contract]: contract,
      [packageFiles.vocabulary]: vocabularyBytes({
        hashes: vocabulary.hashes,
        values: vocabulary.rarity,
      }),
      [packageFiles.weights]: bytes,
      [thresholdsName]: thresholds,
    },
  }
}

/** A classifier read from its folder, as it is served. */
export async function openClassifier(folder: string) {
  const read = await readPackage(folder)
  const contract = read.json(packageFiles.contract, classifyContract)
  const thresholds = read.json(thresholdsName, thresholdSchema)
  return { ...(await running(read, contract)), contract, thresholds, sizeBytes: read.sizeBytes }
}

async function running(read: Package, contract: ClassifyContract) {
  const { hashes, values: rarity } = readVocabulary(read.bytes(packageFiles.vocabulary))
  const vocabulary = { options: contract.ngrams, hashes, rarity }
  const { run, close } = await openScores(read.bytes(packageFiles.weights))
  return { classifier: createClassifier(contract, vocabulary, run), close }
}
