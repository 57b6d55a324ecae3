import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

/** A loading engine takes a second before it could hear of its parent's end. */
for (const engine of ['llama', 'onnx', 'read']) {
  test(`a process of the engine ${engine} whose parent dies while it loads ends by itself`, async () => {
    const path = fileURLToPath(new URL(`./${engine}/child.ts`, import.meta.url))
    const child = fork(path, [], { env: {}, stdio: 'ignore', serialization: 'advanced' })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.disconnect()
    const late = setTimeout(() => child.kill('SIGKILL'), 30_000)
    await ended
    clearTimeout(late)
    assert.equal(child.signalCode, null)
  })
}
