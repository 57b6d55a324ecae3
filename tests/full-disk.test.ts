/**
 * Goal: a full disk is told clearly, loses nothing that was acknowledged, and needs no restart once
 * there is room again. Method: the data folder on a small file system of its own, filled in two ways:
 * to the last byte, so that tables find no room, and nearly, so that the database's log finds none.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { newDataFolder, type RunningProgram, startProgram } from './running-program.ts'
import { makeTinyLlama } from './tiny-llama.ts'

const megabyte = 2 ** 20
const folder = newDataFolder()
const mounted =
  process.getuid?.() === 0 &&
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', folder]).status === 0
const onServer = Boolean(process.env.BASTIDE_TEST_POSTGRES)
const skip = !mounted && 'mounting a small file system needs root and the right to mount'
const skipOnServer = onServer && 'the PostgreSQL server has a disk of its own'

let program: RunningProgram
const acknowledgedKeys = new Set<string>()
const acknowledgedCalls = new Set<string>()

before(async () => {
  if (skip || skipOnServer) return
  program = await startProgram({ folder, environment: { BASTIDE_LOG_LEVEL: 'silent' } })
  const imported = await program.command('model', 'import', await makeTinyLlama(), '--name', 'tiny')
  assert.equal(imported.code, 0, imported.errors)
  assert.equal((await chat()).status, 200)
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
  if (mounted) spawnSync('umount', [folder])
  rmSync(folder, { recursive: true, force: true })
})

const sleep = (ms: number) => new Promise((resume) => setTimeout(resume, ms))
const filler = join(folder, 'filler')

function freeBytes(): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/** Fills the disk until so much is left. */
function fill(leftBytes: number): void {
  const file = openSync(filler, 'a')
  try {
    for (let size = 65_536; size >= 512; size /= 2) {
      while (freeBytes() > leftBytes && written(file, size));
    }
  } finally {
    closeSync(file)
  }
}

function written(file: number, size: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(size)) > 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false
    throw error
  }
}

async function ask(method: string, path: string, body?: object | FormData) {
  const form = body instanceof FormData
  const response = await fetch(new URL(path, program.url), {
    method,
    headers: {
      authorization: `Bearer ${program.key}`,
      ...(!form && { 'content-type': 'application/json' }),
    },
    ...(body && { body: form ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  })
  return { status: response.status, text: await response.text() }
}

const messages = [{ role: 'user', content: 'Hello' }]

/** Its booking may have room where nothing else has: in the journal, whose files are made long ahead. */
async function chat() {
  const answer = await ask('POST', '/v1/chat/completions', {
    model: 'tiny',
    messages,
    max_tokens: 2,
  })
  if (answer.status === 200) acknowledgedCalls.add(JSON.parse(answer.text).bastide.call_id)
  return answer
}

function upload(content: Buffer<ArrayBuffer>) {
  const form = new FormData()
  form.set('purpose', 'batch')
  form.set('file', new File([content], 'some.jsonl'))
  return ask('POST', '/v1/files', form)
}

async function makeKey() {
  const answer = await ask('POST', '/v1/keys', { name: 'x'.repeat(200) })
  if (answer.status === 201) acknowledgedKeys.add(JSON.parse(answer.text).id)
  return answer
}

/** Done, or refused for want of room in words; never anything else. */
function assertClear({ status, text }: { status: number; text: string }): void {
  if (status < 300) return
  assert.ok([503, 507].includes(status), `${status} ${text}`)
  const { error } = JSON.parse(text) as { error: { message: string } }
  assert.match(error.message, /full|does not answer/)
  assert.ok(!text.includes(folder), text)
}

async function assertHealthAnswers(): Promise<void> {
  const startedAt = performance.now()
  const { status } = await ask('GET', '/health')
  assert.ok([200, 503].includes(status))
  const seconds = (performance.now() - startedAt) / 1000
  assert.ok(seconds < 2, `/health took ${seconds.toFixed(1)} s`)
}

/** With room again everything works, everything acknowledged is there, and the chain verifies. */
async function assertRecovered(): Promise<void> {
  rmSync(filler)
  const deadline = Date.now() + 30_000
  while ((await chat()).status !== 200) {
    assert.ok(Date.now() < deadline, 'calls work again')
    await sleep(200)
  }
  assert.equal((await upload(Buffer.alloc(100_000))).status, 200)
  assert.equal((await makeKey()).status, 201)
  assert.equal((await ask('GET', '/health')).status, 200)
  const listed = JSON.parse((await ask('GET', '/v1/keys')).text) as { data: { id: string }[] }
  const ids = new Set(listed.data.map((key) => key.id))
  for (const id of acknowledgedKeys) assert.ok(ids.has(id), `key ${id} is lost`)
  await assertBooked(deadline)
  const verified = JSON.parse((await ask('POST', '/v1/audit/verify', {})).text)
  assert.equal(verified.intact, true, JSON.stringify(verified))
  assert.equal(program.process.exitCode, null)
}

/** Every acknowledged call is in the ledger once, as soon as the database has taken it over. */
async function assertBooked(deadline: number): Promise<void> {
  for (;;) {
    const usage = JSON.parse((await ask('GET', '/v1/usage/entries?limit=1000')).text) as {
      data: { id: string }[]
    }
    const booked = Map.groupBy(usage.data, ({ id }) => id)
    const missing = [...acknowledgedCalls].find((id) => booked.get(id)?.length !== 1)
    if (!missing) return
    const times = booked.get(missing)?.length ?? 0
    assert.ok(Date.now() < deadline && times === 0, `call ${missing} is booked ${times} times`)
    await sleep(200)
  }
}

describe('a full disk', { skip: skip || skipOnServer }, () => {
  test('no room at all: what writes is refused clearly, then works again', async () => {
    fill(0)
    const refused = new Set<string>()
    for (let round = 0; round < 60; round++) {
      const answers = {
        upload: await upload(Buffer.alloc(100_000)),
        key: await makeKey(),
      }
      for (const [what, answer] of Object.entries(answers)) {
        assertClear(answer)
        if (answer.status >= 300) refused.add(what)
      }
      assertClear(await chat())
      if (refused.size === 2) break
    }
    assert.deepEqual([...refused].sort(), ['key', 'upload'])
    await assertHealthAnswers()
    await assertRecovered()
  })

  test("no room for the database's log: its thread ends, and starts again by itself", async () => {
    const body = { model: 'tiny', messages, max_tokens: 1 }
    const line = { custom_id: 'a', method: 'POST', url: '/v1/chat/completions', body }
    const file = await upload(Buffer.from(JSON.stringify(line)))
    const input_file_id = JSON.parse(file.text).id as string
    fill(13 * megabyte)
    const batches: string[] = []
    let refused = false
    for (let round = 0; round < 20 && !refused; round++) {
      // Megabytes that do not compress: the log needs its next file soon, and that has 16 MB.
      const metadata = { noise: randomBytes(2 * megabyte).toString('base64') }
      const start = { input_file_id, endpoint: '/v1/chat/completions', metadata }
      const answer = await ask('POST', '/v1/batches', start)
      assertClear(answer)
      refused = answer.status >= 300
      if (!refused) batches.push(JSON.parse(answer.text).id)
    }
    assert.ok(refused, 'the database has no room')
    // Started again, it may have found room by itself: what its log held is in its tables then.
    for (let round = 0; round < 5; round++) {
      assertClear(await chat())
      assertClear(await makeKey())
      await assertHealthAnswers()
      await sleep(300)
    }
    await assertRecovered()
    for (const id of batches) await assertCompleted(id)
  })
})

/** A batch that was acknowledged before the disk was full. */
async function assertCompleted(id: string): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const { status } = JSON.parse((await ask('GET', `/v1/batches/${id}`)).text)
    if (status === 'completed') return
    assert.ok(Date.now() < deadline && status !== 'failed', `batch ${id} is ${status}`)
    await sleep(300)
  }
}
