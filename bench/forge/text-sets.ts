/** Public sets of labelled texts, in the split everyone uses. They lie beside the project, not in it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'

export interface LabelledText {
  text: string
  label: string
}

export interface TextSet {
  name: string
  train: LabelledText[]
  test: LabelledText[]
  /** What scikit-learn's TF-IDF and linear support vector machine got on it: accuracy, processor seconds. */
  floor: { accuracy: number; cpuSeconds: number }
}

type Read = (folder: string) => Pick<TextSet, 'train' | 'test'>

const text = (...path: string[]) => readFileSync(join(...path), 'utf8')
const lines = (content: string) => content.split('\n').filter((line) => line.trim() !== '')

/** `label text` on a line, in Latin-1 where it is not UTF-8. */
function labelFirst(path: string): LabelledText[] {
  const bytes = readFileSync(path)
  let content: string
  try {
    content = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    content = bytes.toString('latin1')
  }
  return lines(content).map((line) => {
    const at = line.indexOf(' ')
    return { label: line.slice(0, at), text: line.slice(at + 1) }
  })
}

function banking77(folder: string): ReturnType<Read> {
  const read = (name: string) =>
    (parse(text(folder, name), { columns: true }) as { text: string; category: string }[]).map(
      (row) => ({ text: row.text, label: row.category }),
    )
  return { train: read('train.csv'), test: read('test.csv') }
}

function hwu64(folder: string): ReturnType<Read> {
  const read = (name: string) => {
    const { rasa_nlu_data: data } = JSON.parse(text(folder, name)) as {
      rasa_nlu_data: { common_examples: { text: string; intent: string }[] }
    }
    return data.common_examples.map((row) => ({ text: row.text, label: row.intent }))
  }
  return { train: read('train.rasa.json'), test: read('test.rasa.json') }
}

function agNews(folder: string): ReturnType<Read> {
  const read = (name: string) =>
    (parse(text(folder, name)) as string[][]).map(([label, title, body]) => ({
      label: label!,
      text: `${title} ${body}`,
    }))
  return { train: read('train.csv'), test: read('test.csv') }
}

function xsid(folder: string): ReturnType<Read> {
  const texts = lines(text(folder, 'en.train.text'))
  const labels = lines(text(folder, 'en.train.label')).map((line) => line.split('\t').at(-1)!)
  const sentences = text(folder, 'en.test.conll')
    .split('\n\n')
    .filter((block) => block.trim() !== '')
  const field = (block: string, name: string) =>
    new RegExp(`^# ${name} ?[:=] (.*)$`, 'm').exec(block)?.[1]?.trim() ?? ''
  return {
    train: texts.map((one, at) => ({ text: one, label: labels[at]! })),
    test: sentences.map((block) => ({ text: field(block, 'text'), label: field(block, 'intent') })),
  }
}

const sets: { name: string; folder: string; read: Read; floor: TextSet['floor'] }[] = [
  {
    name: 'banking77',
    folder: 'banking77',
    read: banking77,
    floor: { accuracy: 0.913, cpuSeconds: 4.4 },
  },
  { name: 'hwu64', folder: 'hwu64', read: hwu64, floor: { accuracy: 0.8848, cpuSeconds: 2.1 } },
  { name: 'agnews', folder: 'agnews', read: agNews, floor: { accuracy: 0.89, cpuSeconds: 3.2 } },
  {
    name: 'sst2',
    folder: 'sst2',
    read: (folder) => ({
      train: [
        ...labelFirst(join(folder, 'stsa.binary.train')),
        ...labelFirst(join(folder, 'stsa.binary.dev')),
      ],
      test: labelFirst(join(folder, 'stsa.binary.test')),
    }),
    floor: { accuracy: 0.836, cpuSeconds: 2.2 },
  },
  {
    name: 'trec',
    folder: 'trec',
    read: (folder) => ({
      train: labelFirst(join(folder, 'TREC.train.all')),
      test: labelFirst(join(folder, 'TREC.test.all')),
    }),
    floor: { accuracy: 0.908, cpuSeconds: 0.96 },
  },
  { name: 'xsid', folder: 'xsid', read: xsid, floor: { accuracy: 0.932, cpuSeconds: 8.9 } },
]

/** The sets that lie under a folder; of those that do not, nothing. */
export function textSets(root: string): TextSet[] {
  return sets.flatMap(({ name, folder, read, floor }) => {
    const path = join(root, folder)
    return existsSync(path) ? [{ name, floor, ...read(path) }] : []
  })
}
