/** Products of sparse rows with a dense matrix of classes, in WebAssembly: all classes of a row at once. */
import compile from 'watr/compile'

/** Addresses in bytes; `stride` is the classes in a row of weights, a multiple of 4, in numbers. */
export interface SparseKernels {
  /** out = Σ value · weights[row]. */
  score(
    rows: number,
    values: number,
    count: number,
    weights: number,
    stride: number,
    out: number,
  ): void
  /** weights[row] += value · delta, for each row. */
  spread(
    rows: number,
    values: number,
    count: number,
    weights: number,
    stride: number,
    delta: number,
  ): void
}

const parameters = `(param $rows i32) (param $values i32) (param $count i32) (param $weights i32) (param $stride i32) (param $vector i32)
    (local $class i32) (local $left i32) (local $row i32) (local $value i32) (local $at i32) (local $sum v128)`

/** Address of a row's weights of the four classes at hand. */
const weightAddress = `(i32.add (local.get $weights) (i32.shl (i32.add (i32.mul (i32.load (local.get $row)) (local.get $stride)) (local.get $class)) (i32.const 2)))`
const valueOfRow = '(v128.load32_splat (local.get $value))'

/** Runs `before`, `body` for each row, and `after`, for each four classes. */
const perClasses = (before: string, body: string, after: string) => `
    (block $end (loop $classes
      (br_if $end (i32.ge_u (local.get $class) (local.get $stride)))
      (local.set $row (local.get $rows))
      (local.set $value (local.get $values))
      (local.set $left (local.get $count))
      ${before}
      (block $done (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        ${body}
        (local.set $row (i32.add (local.get $row) (i32.const 4)))
        (local.set $value (i32.add (local.get $value) (i32.const 4)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $next)))
      ${after}
      (local.set $class (i32.add (local.get $class) (i32.const 4)))
      (br $classes)))`

const vectorAddress = '(i32.add (local.get $vector) (i32.shl (local.get $class) (i32.const 2)))'

const source = `(module
  (import "forge" "memory" (memory 1))
  (func (export "score") ${parameters}
    ${perClasses(
      '(local.set $sum (f32x4.splat (f32.const 0)))',
      `(local.set $sum (f32x4.add (local.get $sum) (f32x4.mul ${valueOfRow} (v128.load ${weightAddress}))))`,
      `(v128.store ${vectorAddress} (local.get $sum))`,
    )})
  (func (export "spread") ${parameters}
    ${perClasses(
      `(local.set $sum (v128.load ${vectorAddress}))
      (if (i32.eqz (v128.any_true (local.get $sum))) (then (local.set $left (i32.const 0))))`,
      `(local.set $at ${weightAddress})
        (v128.store (local.get $at) (f32x4.add (v128.load (local.get $at)) (f32x4.mul ${valueOfRow} (local.get $sum))))`,
      '',
    )})
)`

let compiled: WebAssembly.Module | undefined

export function sparseKernels(memory: WebAssembly.Memory): SparseKernels {
  compiled ??= new WebAssembly.Module(compile(source) as Uint8Array<ArrayBuffer>)
  return new WebAssembly.Instance(compiled, { forge: { memory } })
    .exports as unknown as SparseKernels
}
