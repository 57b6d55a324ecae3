/** Boosted trees as one ONNX operator: rows of features in, scores out. */

import { writeOnnx } from '../tensor/onnx-model.ts'
import { applyOne, input, type Operator } from '../tensor/tensor.ts'
import type { Forest } from './boosting.ts'

const ensemble: Operator = { name: 'TreeEnsembleRegressor', domain: 'ai.onnx.ml' }

export function forestGraph({ trees, base }: Forest, features: number) {
  const all = trees.flatMap((nodes, tree) => nodes.map((node, at) => ({ ...node, tree, at })))
  const leaves = all.filter(({ feature }) => feature < 0)
  const x = input('features', ['pairs', features])
  const scores = applyOne(
    ensemble,
    [x],
    { type: 'float32', shape: ['pairs', 1] },
    {
      n_targets: 1,
      base_values: Float32Array.of(base),
      nodes_treeids: all.map(({ tree }) => tree),
      nodes_nodeids: all.map(({ at }) => at),
      nodes_featureids: all.map(({ feature }) => Math.max(0, feature)),
      nodes_modes: all.map(({ feature }) => (feature < 0 ? 'LEAF' : 'BRANCH_LEQ')),
      nodes_values: Float32Array.from(all, ({ threshold }) => threshold),
      nodes_truenodeids: all.map(({ left }) => Math.max(0, left)),
      nodes_falsenodeids: all.map(({ right }) => Math.max(0, right)),
      target_treeids: leaves.map(({ tree }) => tree),
      target_nodeids: leaves.map(({ at }) => at),
      target_ids: leaves.map(() => 0),
      target_weights: Float32Array.from(leaves, ({ value }) => value),
    },
  )
  return { bytes: writeOnnx({ outputs: { scores } }).bytes, parameters: all.length }
}
