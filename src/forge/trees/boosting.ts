/**
 * Boosted trees for yes or no (Friedman, 2001), grown on histograms (Ke et al., LightGBM, NeurIPS 2017): each
 * tree corrects what those before it got wrong, leaf by leaf where it wins most.
 */
import { createRandom } from '../random.ts'

export interface TreeNode {
  /** Feature asked for, and the value up to which the left side is taken; a leaf has none. */
  feature: number
  threshold: number
  left: number
  right: number
  /** Of a leaf: what it adds. */
  value: number
}

export interface Forest {
  trees: TreeNode[][]
  /** Score before the first tree. */
  base: number
}

export interface BoostingOptions {
  trees: number
  leaves: number
  rate: number
  /** Fewest rows in a leaf. */
  leafRows: number
  /** Pull of a leaf towards 0. */
  decay: number
  /** Share of features each tree may ask. */
  featureShare: number
  seed: number
  /** How good scores on held-out rows are; growing ends after so many trees without a better one. */
  validate?(score: (rows: readonly Float32Array[]) => Float64Array): number
  patience?: number
  progress?(tree: number): void
}

const binsMax = 64

/** Borders between bins of about equally many different values; a row's bin is the first whose border it is not above. */
function bordersOf(rows: readonly Float32Array[], feature: number): Float32Array {
  const values = [...new Set(rows.map((row) => row[feature]!))].sort((a, b) => a - b)
  const count = Math.min(binsMax - 1, values.length - 1)
  const borders = Array.from({ length: count }, (_, at) => {
    const place = Math.floor(((at + 1) * values.length) / (count + 1)) - 1
    return (values[place]! + values[place + 1]!) / 2
  })
  return Float32Array.from(new Set(borders.map(Math.fround)))
}

interface Binned {
  borders: Float32Array[]
  /** [feature][row] */
  bins: Uint8Array[]
}

function bin(rows: readonly Float32Array[], features: number): Binned {
  const borders = Array.from({ length: features }, (_, feature) => bordersOf(rows, feature))
  const bins = borders.map((own, feature) =>
    Uint8Array.from(rows, (row) => {
      let [low, high] = [0, own.length]
      while (low < high) {
        const middle = (low + high) >> 1
        if (row[feature]! <= own[middle]!) high = middle
        else low = middle + 1
      }
      return low
    }),
  )
  return { borders, bins }
}

interface Split {
  gain: number
  feature: number
  bin: number
}

interface Leaf {
  node: number
  rows: Int32Array
  best: Split | null
}

/** `labels` are 1 or 0. */
export function boost(
  rows: readonly Float32Array[],
  labels: readonly number[],
  options: BoostingOptions,
): Forest {
  const features = rows[0]!.length
  const binned = bin(rows, features)
  const positive = labels.reduce((sum, label) => sum + label, 0)
  const base = Math.log((positive + 1) / (rows.length - positive + 1))
  const scores = new Float64Array(rows.length).fill(base)
  const random = createRandom(options.seed)
  const forest: Forest = { trees: [], base }
  let [best, kept, waited] = [Number.NEGATIVE_INFINITY, 0, 0]
  for (let tree = 0; tree < options.trees; tree++) {
    const slopes = Float64Array.from(
      scores,
      (score, row) => 1 / (1 + Math.exp(-score)) - labels[row]!,
    )
    const bends = Float64Array.from(scores, (score) => {
      const share = 1 / (1 + Math.exp(-score))
      return Math.max(share * (1 - share), 1e-6)
    })
    const asked = random
      .shuffle([...Array(features).keys()])
      .slice(0, Math.max(1, Math.round(features * options.featureShare)))
    const nodes = grow({ binned, slopes, bends, asked, options })
    forest.trees.push(nodes)
    for (const [row, values] of rows.entries()) scores[row]! += treeScore(nodes, values)
    options.progress?.(tree + 1)
    if (!options.validate) continue
    const quality = options.validate((some) => forestScores(forest, some))
    if (quality > best) [best, kept, waited] = [quality, tree + 1, 0]
    else if (++waited >= (options.patience ?? Number.POSITIVE_INFINITY)) break
  }
  if (options.validate) forest.trees.length = kept
  return forest
}

interface Growing {
  binned: Binned
  slopes: Float64Array
  bends: Float64Array
  asked: readonly number[]
  options: BoostingOptions
}

function grow(growing: Growing): TreeNode[] {
  const { binned, options } = growing
  const nodes: TreeNode[] = []
  const add = (rows: Int32Array): Leaf => {
    nodes.push({ feature: -1, threshold: 0, left: -1, right: -1, value: leafValue(rows, growing) })
    return { node: nodes.length - 1, rows, best: bestSplit(rows, growing) }
  }
  const leaves = [add(Int32Array.from(growing.slopes.keys()))]
  for (let count = 1; count < options.leaves; count++) {
    const chosen = leaves.reduce<Leaf | null>(
      (most, leaf) => (leaf.best && leaf.best.gain > (most?.best?.gain ?? 0) ? leaf : most),
      null,
    )
    if (!chosen?.best) break
    const { feature, bin: border } = chosen.best
    const own = binned.bins[feature]!
    const left = add(chosen.rows.filter((row) => own[row]! <= border))
    const right = add(chosen.rows.filter((row) => own[row]! > border))
    Object.assign(nodes[chosen.node]!, {
      feature,
      threshold: binned.borders[feature]![border]!,
      left: left.node,
      right: right.node,
      value: 0,
    })
    leaves.splice(leaves.indexOf(chosen), 1, left, right)
  }
  return nodes
}

function leafValue(rows: Int32Array, { slopes, bends, options }: Growing): number {
  let [slope, bend] = [0, 0]
  for (const row of rows) {
    slope += slopes[row]!
    bend += bends[row]!
  }
  return (-options.rate * slope) / (bend + options.decay)
}

function bestSplit(
  rows: Int32Array,
  { binned, slopes, bends, asked, options }: Growing,
): Split | null {
  const { leafRows, decay } = options
  if (rows.length < 2 * leafRows) return null
  let best: Split | null = null
  const [sums, curves, counts] = [
    new Float64Array(binsMax),
    new Float64Array(binsMax),
    new Int32Array(binsMax),
  ]
  for (const feature of asked) {
    const borders = binned.borders[feature]!.length
    if (borders === 0) continue
    sums.fill(0)
    curves.fill(0)
    counts.fill(0)
    const own = binned.bins[feature]!
    let [slope, bend] = [0, 0]
    for (const row of rows) {
      const place = own[row]!
      sums[place]! += slopes[row]!
      curves[place]! += bends[row]!
      counts[place]!++
      slope += slopes[row]!
      bend += bends[row]!
    }
    let [left, leftBend, leftCount] = [0, 0, 0]
    for (let at = 0; at < borders; at++) {
      left += sums[at]!
      leftBend += curves[at]!
      leftCount += counts[at]!
      if (leftCount < leafRows || rows.length - leftCount < leafRows) continue
      const right = slope - left
      const gain =
        (left * left) / (leftBend + decay) +
        (right * right) / (bend - leftBend + decay) -
        (slope * slope) / (bend + decay)
      if (gain > (best?.gain ?? 1e-6)) best = { gain, feature, bin: at }
    }
  }
  return best
}

function treeScore(nodes: readonly TreeNode[], values: Float32Array): number {
  let node = nodes[0]!
  while (node.feature >= 0)
    node = nodes[values[node.feature]! <= node.threshold ? node.left : node.right]!
  return node.value
}

export const forestScores = (
  { trees, base }: Forest,
  rows: readonly Float32Array[],
): Float64Array =>
  Float64Array.from(rows, (values) =>
    trees.reduce((sum, nodes) => sum + treeScore(nodes, values), base),
  )
