/** A trained classifier as a package, and a package as a classifier. */

import { z } from 'zod'
import { vocabularyBytes } from '../../models/specialist/vocabulary-file.ts'
import { linearGraph } from '../linear/graph.ts'
import { openFor } from '../open.ts'
import { packageFiles } from '../package.ts'
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

/** A classifier read from its folder, as it is served, and its thresholds. */
export async function openClassifier(folder: string) {
  const { read, specialist, close } = await openFor(folder, 'classify')
  const { classifier, contract } = specialist
  return { classifier, contract, thresholds: read.json(thresholdsName, thresholdSchema), close }
}
