/** A specialist's package as the registry knows it: what it is for, where it came from, what it was made of. */
import type { Manifest } from '../models/manifest.ts'
import { type Digests, packageFiles } from './package.ts'
import type { Measured } from './specialist-task.ts'
import type { TaskName } from './tasks.ts'

/** Files that are needed to serve it, by role. The others prove how it was made, and go with it. */
const roles: Record<string, string> = {
  [packageFiles.weights]: 'weights',
  [packageFiles.vocabulary]: 'vocabulary',
  [packageFiles.contract]: 'contract',
  [packageFiles.recipe]: 'recipe',
  [packageFiles.evaluation]: 'evaluation',
  'thresholds.json': 'thresholds',
}

export interface ManifestParts {
  name: string
  task: TaskName
  labels: readonly string[]
  rows: number
  /** Digest of the data's bytes. */
  data: string
  parameters: number
  evaluation: Readonly<Record<string, Measured>>
  files: Digests
}

export function manifestOf(
  parts: ManifestParts,
): Partial<Manifest> & { format: 'bastide-package-1' } {
  const { name, task, labels, rows, data, parameters, evaluation, files } = parts
  return {
    format: 'bastide-package-1',
    name,
    version: files[packageFiles.weights]!.sha256.slice(0, 12),
    engine: 'onnx',
    task,
    files: Object.entries(files).map(([path, { sha256, sizeBytes }]) => ({
      role: roles[path] ?? 'other',
      path,
      sha256,
      sizeBytes,
      format: path === packageFiles.weights ? ('onnx' as const) : ('other' as const),
    })),
    card: {
      purpose: purposeOf(task, labels),
      licence: 'unknown',
      origin: { maker: 'made here, by Forge', country: 'unknown' },
      trainingData: `${rows} rows of a file with the SHA-256 ${data}`,
      limits: limitsOf(evaluation),
    },
    facts: { parameters, labels: labels.length, rows },
  }
}

const shownLabels = 12

function purposeOf(task: TaskName, labels: readonly string[]): string {
  const shown = labels.slice(0, shownLabels).join(', ')
  const more = labels.length > shownLabels ? `, and ${labels.length - shownLabels} more` : ''
  if (task === 'match') return 'Tells whether two records are about the same thing.'
  return task === 'classify'
    ? `Gives texts one of ${labels.length} labels: ${shown}${more}.`.slice(0, 2000)
    : `Finds spans in texts: ${shown}${more}.`.slice(0, 2000)
}

/** What was measured, on which rows. */
function limitsOf(evaluation: Readonly<Record<string, Measured>>): string {
  const lines = Object.entries(evaluation).map(([role, one]) => {
    const figure =
      one.kind === 'label'
        ? `accuracy ${percent(one.accuracy)}`
        : one.kind === 'labels'
          ? `all labels right in ${percent(one.exact)}`
          : `F1 ${percent(one.f1)}`
    return `On ${one.rows} rows (${role.replace('_', ' ')}): ${figure}.`
  })
  return `${lines.join(' ')} Texts unlike those it was made from may be answered wrongly.`
}

const percent = ({ value, low, high }: { value: number; low: number; high: number }) =>
  `${(value * 100).toFixed(1)} % (${(low * 100).toFixed(1)} to ${(high * 100).toFixed(1)})`
