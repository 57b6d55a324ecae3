/** Texts to one label of a set, or to any number of them. */
import { checkExamples, checkLeakage } from '../data/checks.ts'
import { essence } from '../data/essence.ts'
import type { Measured, SpecialistTask } from '../specialist-task.ts'
import type { Scored } from './calibrate.ts'
import { evaluateClassifier, evaluateLabels } from './evaluate.ts'
import { columnsOf, examplesOf, taskOf } from './examples.ts'
import { classifierFiles, openClassifier } from './package.ts'
import { type ClassifyTask, type Example, trainClassifier } from './train.ts'

interface ClassifyData {
  task: ClassifyTask
  examples: Example[]
}

export const classifyTask: SpecialistTask<ClassifyData> = {
  read(table, asked, labels) {
    const columns = columnsOf(table, asked)
    // Where rows hold lists, one without labels says something too.
    const lists = table.rows.some((row) => Array.isArray(row[columns.label]))
    const task = labels ? { labels, multiple: lists } : taskOf(table, columns)
    const { examples, left } = examplesOf(table, columns, task)
    return {
      data: { task, examples },
      count: examples.length,
      labels: task.labels,
      notes: [
        ...(left.empty.length > 0
          ? [`${left.empty.length} rows without text or label were left out.`]
          : []),
        ...(left.unknownLabel.length > 0
          ? [
              `${left.unknownLabel.length} rows have labels that the data to learn from does not have; they were left out.`,
            ]
          : []),
      ],
    }
  },

  check: ({ task, examples }, measured) => [
    ...checkExamples(task, examples),
    ...measured.flatMap((other) => checkLeakage(keysOf(examples), keysOf(other.examples))),
  ],

  train({ task, examples }, options) {
    const classifier = trainClassifier(task, examples, options)
    const { files, parameters, thresholds } = classifierFiles(classifier)
    const { contract, heldOut, settings } = classifier
    return { files, parameters, settings, heldOut: measured(heldOut, contract, thresholds) }
  },

  async measure(folder, { examples }) {
    const { classifier, contract, thresholds, close } = await openClassifier(folder)
    try {
      const scores = await classifier.scores(examples.map(({ text }) => text))
      const rows = examples.map(({ labels }, at): Scored => ({ scores: scores[at]!, labels }))
      return measured(rows, contract, thresholds)
    } finally {
      await close()
    }
  },
}

const keysOf = (examples: readonly Example[]) => examples.map(({ text }) => essence(text))

function measured(
  rows: readonly Scored[],
  contract: Parameters<typeof evaluateClassifier>[1],
  thresholds: Parameters<typeof evaluateClassifier>[2],
): Measured {
  return contract.multiple
    ? { kind: 'labels', ...evaluateLabels(rows, contract) }
    : { kind: 'label', ...evaluateClassifier(rows, contract, thresholds) }
}
