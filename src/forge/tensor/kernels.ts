/**
 * Loops over weights that onnxruntime has no fused operator for, in WebAssembly: an optimiser as ONNX nodes
 * takes about ten passes over memory, here it takes one. Weights, gradients and the optimiser's state lie in
 * the memory of the module, which onnxruntime reads and writes in place. Counts are multiples of 4.
 */
import compile from 'watr/compile'

/** Addresses are in bytes, counts in numbers. */
export interface Kernels {
  /**
   * One step of AdamW (Loshchilov and Hutter, arXiv 1711.05101) over `count` weights. `gradientScale` clips;
   * `keep` is 1 - rate x decay; `stepSize` and `denominatorScale` hold the bias corrections.
   */
  adamw(
    weights: number,
    gradients: number,
    firstMoments: number,
    secondMoments: number,
    count: number,
    gradientScale: number,
    beta1: number,
    beta2: number,
    keep: number,
    stepSize: number,
    denominatorScale: number,
    epsilon: number,
  ): void
  /** One step of gradient descent with momentum; `decay` is added to the gradient. */
  momentum(
    weights: number,
    gradients: number,
    velocities: number,
    count: number,
    gradientScale: number,
    momentum: number,
    decay: number,
    rate: number,
  ): void
  /** target = a · target + b · source. */
  combine(target: number, source: number, count: number, a: number, b: number): void
  /** Sum of squares. */
  squares(from: number, count: number): number
}

const load = (address: string) => `(v128.load (local.get $${address}))`
const splat = (name: string) => `(f32x4.splat (local.get $${name}))`
const product = (a: string, b: string) => `(f32x4.mul ${a} ${b})`
const sum = (a: string, b: string) => `(f32x4.add ${a} ${b})`
const less = (a: string, b: string) => `(f32x4.sub ${a} ${b})`
const oneLess = (name: string) => less('(f32x4.splat (f32.const 1))', splat(name))

/** A function that does `body` for each four numbers at its addresses. */
function kernel(
  name: string,
  addresses: readonly string[],
  scalars: readonly string[],
  vectors: readonly string[],
  body: string,
  result = '',
): string {
  return `
  (func (export "${name}")
    ${addresses.map((one) => `(param $${one} i32)`).join(' ')} (param $count i32)
    ${scalars.map((one) => `(param $${one} f32)`).join(' ')}
    ${result ? '(result f32)' : ''}
    ${vectors.map((one) => `(local $${one} v128)`).join(' ')}
    (block $done (loop $next
      (br_if $done (i32.le_s (local.get $count) (i32.const 0)))
      ${body}
      ${addresses.map((one) => `(local.set $${one} (i32.add (local.get $${one}) (i32.const 16)))`).join('\n      ')}
      (local.set $count (i32.sub (local.get $count) (i32.const 4)))
      (br $next)))
    ${result})`
}

const adamw = kernel(
  'adamw',
  ['w', 'g', 'm', 'v'],
  ['clip', 'beta1', 'beta2', 'keep', 'step', 'scale', 'epsilon'],
  ['gradient', 'first', 'second'],
  `(local.set $gradient ${product(load('g'), splat('clip'))})
      (local.set $first ${sum(product(load('m'), splat('beta1')), product('(local.get $gradient)', oneLess('beta1')))})
      (v128.store (local.get $m) (local.get $first))
      (local.set $second ${sum(
        product(load('v'), splat('beta2')),
        product(product('(local.get $gradient)', '(local.get $gradient)'), oneLess('beta2')),
      )})
      (v128.store (local.get $v) (local.get $second))
      (v128.store (local.get $w) ${less(
        product(load('w'), splat('keep')),
        `(f32x4.div ${product('(local.get $first)', splat('step'))} ${sum(product('(f32x4.sqrt (local.get $second))', splat('scale')), splat('epsilon'))})`,
      )})`,
)

const momentum = kernel(
  'momentum',
  ['w', 'g', 'm'],
  ['clip', 'momentum', 'decay', 'rate'],
  ['velocity'],
  `(local.set $velocity ${sum(
    product(load('m'), splat('momentum')),
    sum(product(load('g'), splat('clip')), product(load('w'), splat('decay'))),
  )})
      (v128.store (local.get $m) (local.get $velocity))
      (v128.store (local.get $w) ${less(load('w'), product('(local.get $velocity)', splat('rate')))})`,
)

const combine = kernel(
  'combine',
  ['target', 'source'],
  ['a', 'b'],
  [],
  `(v128.store (local.get $target) ${sum(product(load('target'), splat('a')), product(load('source'), splat('b')))})`,
)

const lane = (index: number) => `(f32x4.extract_lane ${index} (local.get $total))`
const squares = kernel(
  'squares',
  ['from'],
  [],
  ['total', 'one'],
  `(local.set $one ${load('from')})
      (local.set $total ${sum('(local.get $total)', product('(local.get $one)', '(local.get $one)'))})`,
  `(f32.add (f32.add ${lane(0)} ${lane(1)}) (f32.add ${lane(2)} ${lane(3)}))`,
)

const source = `(module
  (import "forge" "memory" (memory 1))
  ${adamw}${momentum}${combine}${squares}
)`

let compiled: WebAssembly.Module | undefined

/** The kernels over a memory of their caller. */
export function kernelsOver(memory: WebAssembly.Memory): Kernels {
  compiled ??= new WebAssembly.Module(compile(source) as Uint8Array<ArrayBuffer>)
  const { exports } = new WebAssembly.Instance(compiled, { forge: { memory } })
  return exports as unknown as Kernels
}
