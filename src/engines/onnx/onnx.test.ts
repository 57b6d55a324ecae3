/** The ONNX engine beyond the common contract: results, checks, memory, runs that take too long. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { AppError } from '../../errors.ts'
import { type LinearModel, linearOnnx } from '../../models/formats/onnx-fixture.ts'
import type { Engine, EngineEvent, EngineModel, Tensor } from '../contract.ts'
import { createOnnxEngine } from './engine.ts'

const folder = mkdtempSync(join(tmpdir(), 'bastide-onnx-'))
after(() => rmSync(folder, { recursive: true }))

function modelOf(shape: LinearModel): EngineModel {
  const bytes = linearOnnx(shape)
  const hash = createHash('sha256').update(bytes).digest('hex')
  const path = join(folder, `${hash}.onnx`)
  writeFileSync(path, bytes)
  return { hash, name: 'linear', files: { weights: path }, settings: {} }
}

const small = modelOf({
  inputs: 2,
  outputs: 2,
  weights: Float32Array.of(1, 2, 3, 4),
  bias: Float32Array.of(10, 20),
})

const row = (...values: number[]): Tensor => ({
  type: 'float32',
  data: Float32Array.from(values),
  shape: [1, values.length],
})

async function run(
  engine: Engine,
  model: EngineModel,
  inputs: Record<string, Tensor>,
  ms?: number,
) {
  const signal = ms === undefined ? new AbortController().signal : AbortSignal.timeout(ms)
  const events: EngineEvent[] = []
  for await (const event of engine.run(model, { task: 'tensor', inputs }, { signal })) {
    events.push(event)
  }
  return events
}

const failsWith =
  (code: string, text = /./) =>
  (error: unknown) =>
    error instanceof AppError && error.code === code && text.test(error.message)

test('a model computes, keeps its session, and is unloaded', async () => {
  const engine = createOnnxEngine({ modelFolder: folder, memoryBudgetBytes: 1e9, processes: 1 })
  try {
    const [first, end] = await run(engine, small, { x: row(1, 1) })
    assert.ok(first?.type === 'tensors' && end?.type === 'end')
    assert.deepEqual([...first.outputs.y!.data], [14, 26])
    assert.deepEqual(first.outputs.y!.shape, [1, 2])
    assert.ok(end.usage.loadSeconds > 0 && end.usage.cpuSeconds! > 0)
    const [, again] = await run(engine, small, { x: row(0, 0) })
    assert.ok(again?.type === 'end' && again.usage.loadSeconds === 0)
    assert.equal(engine.loaded().length, 1)
    await engine.unload(small.hash)
    assert.equal(engine.loaded().length, 0)
  } finally {
    await engine.close()
  }
})

test('inputs that do not fit are refused before the model sees them', async () => {
  const engine = createOnnxEngine({ modelFolder: folder, memoryBudgetBytes: 1e9, processes: 1 })
  const bad: [Record<string, Tensor>, RegExp][] = [
    [{}, /missing/],
    [{ z: row(1) }, /not an input/],
    [{ x: row(1, 2, 3) }, /shape/],
    [{ x: { ...row(1, 2), shape: [2, 2] } }, /2 values/],
    [{ x: { type: 'int32', data: Int32Array.of(1, 2), shape: [1, 2] } }, /type int32/],
    [{ x: { type: 'float32', data: Int32Array.of(1, 2), shape: [1, 2] } }, /hold float32/],
  ]
  for (const [inputs, reason] of bad) {
    await assert.rejects(run(engine, small, inputs), failsWith('invalid_request', reason))
  }
  const path = join(folder, 'junk.onnx')
  writeFileSync(path, 'junk')
  const junk: EngineModel = { ...small, hash: 'junk', files: { weights: path } }
  await assert.rejects(run(engine, junk, { x: row(1, 2) }), failsWith('unreadable_file'))
  await engine.close()
})

test('sessions stay within the memory budget; what can never fit is refused', async () => {
  const other = modelOf({
    inputs: 2,
    outputs: 2,
    weights: Float32Array.of(9, 9, 9, 9),
    bias: Float32Array.of(0, 0),
  })
  const engine = createOnnxEngine({
    modelFolder: folder,
    memoryBudgetBytes: 9 * 2 ** 20,
    processes: 1,
  })
  await run(engine, small, { x: row(1, 1) })
  await run(engine, other, { x: row(1, 1) })
  assert.deepEqual(
    engine.loaded().map(({ hash }) => hash),
    [other.hash],
  )
  await engine.close()
  const poor = createOnnxEngine({ modelFolder: folder, memoryBudgetBytes: 2 ** 20, processes: 1 })
  await assert.rejects(run(poor, small, { x: row(1, 1) }), failsWith('model_unavailable', /needs/))
  await poor.close()
})

test('a run that takes too long is given up and the next one works', async () => {
  const width = 512
  const slow = modelOf({
    inputs: width,
    outputs: width,
    weights: new Float32Array(width * width).fill(0.001),
    bias: new Float32Array(width),
    repeats: 600,
  })
  const rows = 2000
  const x: Tensor = {
    type: 'float32',
    data: new Float32Array(rows * width).fill(0.01),
    shape: [rows, width],
  }
  const engine = createOnnxEngine({
    modelFolder: folder,
    memoryBudgetBytes: 1e9,
    processes: 1,
    // A process of its own has to start in it, on a machine that is busy.
    runSeconds: 2,
  })
  await assert.rejects(run(engine, slow, { x }), failsWith('timeout'))
  const [first] = await run(engine, small, { x: row(1, 1) })
  assert.ok(first?.type === 'tensors')
  const started = performance.now()
  await assert.rejects(run(engine, slow, { x }, 50), failsWith('cancelled'))
  assert.ok(performance.now() - started < 1000)
  await engine.close()
})

test('a model that needs memory without end is stopped, and the engine goes on', async () => {
  const engine = createOnnxEngine({ modelFolder: folder, memoryBudgetBytes: 1e8, processes: 1 })
  const width = 4096
  const greedy = modelOf({
    inputs: 1,
    outputs: width,
    weights: new Float32Array(width),
    bias: new Float32Array(width),
  })
  try {
    // 8 MB in, 2 x 32 GB out.
    const rows = 2 ** 21
    const x: Tensor = { type: 'float32', data: new Float32Array(rows), shape: [rows, 1] }
    await assert.rejects(run(engine, greedy, { x }), (error) => {
      return error instanceof AppError && /invalid_request|engine_crashed/.test(error.code)
    })
    const [answer] = await run(engine, small, { x: row(1, 1) })
    assert.ok(answer?.type === 'tensors')
  } finally {
    await engine.close()
  }
})
