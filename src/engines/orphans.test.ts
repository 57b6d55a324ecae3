import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { childrenNamed } from '../../tests/processes.ts'

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** A loading engine takes a second before it could hear of its parent's end. */
for (const engine of ['llama', 'onnx', 'read']) {
  const path = pathOf(`./${engine}/child.ts`)

  test(`a process of the engine ${engine} whose parent dies while it loads ends by itself`, async () => {
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe'] as const
    const child = spawn(process.execPath, [path], { env: {}, stdio: [...stdio] })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    ;(child.stdio[3] as Socket).destroy()
    const late = setTimeout(() => child.kill('SIGKILL'), 30_000)
    await ended
    clearTimeout(late)
    assert.equal(child.signalCode, null)
  })

  for (const afterMs of [0, 30, 1500]) {
    test(`nothing is left of ${engine} in its sandbox ${afterMs} ms after its parent began and was killed`, {
      skip: process.platform !== 'linux' && 'reads /proc',
    }, async () => {
      const parent = spawn(process.execPath, [pathOf('./sandbox/parent-fixture.ts'), path])
      const [pid] = await once(parent.stdout, 'data')
      await new Promise((resolve) => setTimeout(resolve, afterMs))
      const innermost = childrenNamed(parent.pid!, `${engine}/child`)
      parent.kill('SIGKILL')
      await once(parent, 'exit')
      for (const left of [Number(pid), ...innermost]) await ended(left)
    })
  }
}

/** Fails when the process still runs after five seconds. */
async function ended(pid: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      process.kill(pid, 0)
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH')
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.fail(`process ${pid} still runs`)
}
