/** Public sets of named entities, in the split everyone uses. They lie beside the project, not in it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { conllRecords } from '../../src/forge/data/conll.ts'
import { createRandom } from '../../src/forge/random.ts'

export interface SpanSet {
  name: string
  train: object[]
  test: object[]
  /** F1 of a structured perceptron with features made by hand. */
  floor: number
}

const read = (path: string, encoding: BufferEncoding = 'utf8') =>
  conllRecords(readFileSync(path, encoding))

export function spanSets(root: string): SpanSet[] {
  const at = (...path: string[]) => join(root, ...path)
  const sets: {
    folder: string
    name: string
    floor: number
    load(): Pick<SpanSet, 'train' | 'test'>
  }[] = [
    {
      folder: 'sec_filings',
      name: 'sec_filings',
      floor: 79.1,
      load: () => ({
        train: read(at('sec_filings', 'FIN5.txt')),
        test: read(at('sec_filings', 'FIN3.txt')),
      }),
    },
    {
      folder: 'wikigold',
      name: 'wikigold',
      floor: 71.8,
      load() {
        // It has no split of its own; sentences at random, as articles on end share their names.
        const all = createRandom(1).shuffle(read(at('wikigold', 'wikigold.conll.txt')))
        const cut = Math.floor(all.length * 0.8)
        return { train: all.slice(0, cut), test: all.slice(cut) }
      },
    },
    ...(['esp', 'ned'] as const).map((language) => ({
      folder: 'conll2002',
      name: `conll2002_${language}`,
      floor: language === 'esp' ? 79.6 : 78.6,
      load: () => ({
        train: read(at('conll2002', `${language}.train`), 'latin1'),
        test: read(at('conll2002', `${language}.testa`), 'latin1'),
      }),
    })),
    {
      folder: 'wnut17',
      name: 'wnut17',
      floor: 17.7,
      load: () => ({
        train: read(at('wnut17', 'wnut17train.conll')),
        test: read(at('wnut17', 'emerging.test.annotated')),
      }),
    },
  ]
  return sets
    .filter(({ folder }) => existsSync(at(folder)))
    .map(({ name, floor, load }) => ({ name, floor, ...load() }))
}
