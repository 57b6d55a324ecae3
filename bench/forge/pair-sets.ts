/** Public pairs of records that are the same or not, in the split of DeepMatcher. They lie beside the project. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface PairSet {
  name: string
  train: object[]
  test: object[]
  /** F1 of some fifty similarities and boosted trees. */
  floor: number
}

const floors = { abt_buy: 84.3, amazon_google: 69.2, dblp_acm: 98.7, beer: 87.5 }

/** `COL name VAL text COL …`, as Ditto writes a record. */
function recordOf(text: string): string {
  const fields = [...text.matchAll(/COL (\S+) VAL (.*?)(?= COL \S+ VAL |$)/g)]
  return JSON.stringify(Object.fromEntries(fields.map(([, name, value]) => [name, value!.trim()])))
}

const read = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [left, right, label] = line.split('\t')
      return { left: recordOf(left!), right: recordOf(right!), label: label! }
    })

/** Trained on what the split has for training and for validation: thresholds come from folds of it. */
export function pairSets(root: string): PairSet[] {
  return Object.entries(floors).flatMap(([name, floor]) => {
    const folder = join(root, `em_${name}`)
    if (!existsSync(folder)) return []
    const train = [...read(join(folder, 'train.txt')), ...read(join(folder, 'valid.txt'))]
    return [{ name, floor, train, test: read(join(folder, 'test.txt')) }]
  })
}
