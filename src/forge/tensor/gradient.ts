/** Reverse-mode differentiation: the nodes of a derivative, written behind those of its function. */
import { add } from './elementwise.ts'
import { type Node, scalar, shapeError, type Tensor } from './tensor.ts'

/**
 * Gradients of a single number with respect to tensors. `seed` stands in for the number's own gradient
 * where a loss is computed outside the graph: then `of` is what the loss was computed from.
 */
export function gradients(of: Tensor, withRespectTo: readonly Tensor[], seed?: Tensor): Tensor[] {
  if (!seed && of.shape.length > 0) {
    throw shapeError(`only a single number has a gradient, not [${of.shape}]`)
  }
  const wanted = new Set(withRespectTo)
  const order = nodesBetween(of, wanted)
  const reached = new Set<Tensor>(order.flatMap(({ outputs }) => outputs))
  const found = new Map<Tensor, Tensor>([[of, seed ?? scalar(1)]])
  for (const node of order.reverse()) {
    const upstream = node.outputs.map((output) => found.get(output))
    if (upstream.every((one) => one === undefined)) continue
    if (!node.operator.gradient) continue
    const given = node.operator.gradient(node, upstream)
    for (const [index, one] of node.inputs.entries()) {
      const gradient = given[index]
      if (!gradient || !(wanted.has(one) || reached.has(one))) continue
      const known = found.get(one)
      found.set(one, known ? add(known, gradient) : gradient)
    }
  }
  return withRespectTo.map((tensor) => {
    const gradient = found.get(tensor)
    if (gradient) return gradient
    const name = 'name' in tensor.source ? ` "${tensor.source.name}"` : ''
    throw shapeError(`the loss does not depend on${name} [${tensor.shape}]`)
  })
}

/** Nodes on the way from `from` to what is wanted, each after those it needs. */
function nodesBetween(of: Tensor, wanted: ReadonlySet<Tensor>): Node[] {
  const order: Node[] = []
  const leads = new Map<Node, boolean>()
  const visit = (tensor: Tensor): boolean => {
    if (wanted.has(tensor)) return true
    if (tensor.source.kind !== 'node') return false
    const { node } = tensor.source
    const known = leads.get(node)
    if (known !== undefined) return known
    let does = false
    for (const one of node.inputs) if (visit(one)) does = true
    leads.set(node, does)
    if (does) order.push(node)
    return does
  }
  visit(of)
  return order
}

/** Every node needed for these tensors, each after those it needs; what is `given` is not computed. */
export function nodesOf(
  tensors: readonly Tensor[],
  given: ReadonlyMap<Tensor, string> = new Map(),
): Node[] {
  const order: Node[] = []
  const seen = new Set<Node>()
  const visit = (tensor: Tensor): void => {
    if (tensor.source.kind !== 'node' || given.has(tensor)) return
    const { node } = tensor.source
    if (seen.has(node)) return
    seen.add(node)
    for (const one of node.inputs) visit(one)
    order.push(node)
  }
  for (const tensor of tensors) visit(tensor)
  return order
}
