/**
 * Goal: acknowledged means durable, whatever is killed and when. Method: clients use the real program
 * without pause while its processes are killed at moments a seed chooses; at the end everything that
 * was acknowledged is looked for, and the books must add up.
 *
 * BASTIDE_TEST_KILLS is the number of kills, BASTIDE_TEST_SEED repeats a run's choices.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { createBudgets } from '../src/access/budgets.ts'
import { systemClock } from '../src/clock.ts'
import { createLog } from '../src/log.ts'
import { openDatabase } from '../src/store/database.ts'
import {
  type Acknowledged,
  nothingAcknowledged,
  pictureText,
  startClients,
  type Target,
} from './load-clients.ts'
import { childrenNamed, killAtOnce, llamaChild, readerChild } from './processes.ts'
import { chooseSeed, randomNumbers } from './random.ts'
import {
  databaseUrlOf,
  newDataFolder,
  type RunningProgram,
  runCommand,
  startProgram,
} from './running-program.ts'
import { makeTinyLlama } from './tiny-llama.ts'

const kills = Number(process.env.BASTIDE_TEST_KILLS ?? 10)
const seed = chooseSeed()
/** Two, so that what the clients do in between does not change what is killed. */
const [random, randomOfClients] = [randomNumbers(seed), randomNumbers(seed + 1)]
const onServer = Boolean(process.env.BASTIDE_TEST_POSTGRES)

/** Long enough for a job whose worker was killed to be noticed, put back and done. */
const settleSecondsMax = 120
const callTimeoutSeconds = 30
const requestsOfTightKey = 60

const folder = newDataFolder()
let program: RunningProgram | null = null
let worker: ChildProcess | null = null

const sleep = (ms: number) => new Promise((resume) => setTimeout(resume, ms))

const environment = {
  BASTIDE_CALL_TIMEOUT_SECONDS: String(callTimeoutSeconds),
  // Every killed engine is an error in the log; BASTIDE_TEST_LOG=warn shows them.
  BASTIDE_LOG_LEVEL: process.env.BASTIDE_TEST_LOG ?? 'silent',
}

async function start(key: string | undefined): Promise<RunningProgram> {
  return startProgram({ folder, environment, ...(key && { key }) })
}

async function startWorker(): Promise<void> {
  if (!onServer) return
  const main = new URL('../src/main.ts', import.meta.url).pathname
  worker = spawn(process.execPath, [main, 'worker', '--data', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      ...environment,
      DATABASE_URL: await databaseUrlOf(folder),
    },
  })
}

after(async () => {
  await program?.[Symbol.asyncDispose]()
  worker?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

async function get<T>(path: string, key = program!.key): Promise<T> {
  const { process: child, url } = program!
  assert.ok(child.exitCode === null, `the server ended by itself with ${child.exitCode}`)
  assert.ok(child.signalCode === null, `somebody else ended the server with ${child.signalCode}`)
  const response = await fetch(new URL(path, url), { headers: { authorization: `Bearer ${key}` } })
  assert.ok(response.ok, `GET ${path}: ${response.status} ${await response.clone().text()}`)
  return (await response.json()) as T
}

async function post<T>(path: string, body: unknown = {}): Promise<T> {
  const response = await fetch(new URL(path, program!.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${program!.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  assert.ok(response.ok, `POST ${path}: ${response.status} ${await response.clone().text()}`)
  return (await response.json()) as T
}

/** A key under a limit of requests and one of tokens, both without end. */
async function limitedKey(name: string, requests: number, tokens: number) {
  const made = await post<{ id: string; key: string }>('/v1/keys', { name })
  for (const [metric, amount] of Object.entries({ requests, tokens })) {
    const subject = { subject_kind: 'key', subject_id: made.id }
    await post('/v1/limits', { ...subject, metric, window: 'total', amount })
  }
  return { id: made.id, secret: made.key }
}

/** One kill: of the server, of a child that runs a model, or of the worker. Returns its name. */
async function killSomething(target: Target): Promise<string> {
  const pids = [program!.process.pid!, worker?.pid].filter((pid) => pid !== undefined)
  const victims: [name: string, pids: number[]][] = [
    ['server', [program!.process.pid!]],
    ['llama', pids.flatMap((pid) => childrenNamed(pid, llamaChild))],
    ['reader', pids.flatMap((pid) => childrenNamed(pid, readerChild))],
    ['worker', worker ? [worker.pid!] : []],
  ]
  const there = victims.filter(([, found]) => found.length > 0)
  const [name, found] = there[Math.floor(random() * there.length)]!
  const pid = found[Math.floor(random() * found.length)]!
  killAtOnce(pid)
  if (name === 'server') {
    await exitOf(program!.process)
    if (random() < 0.3) await killWhileStarting()
    program = await start(target.adminKey)
    target.url = program.url
  }
  if (name === 'worker') {
    await exitOf(worker!)
    await startWorker()
  }
  return name
}

/** A start that does not get to its end: the database is killed in its recovery, or nearly so. */
async function killWhileStarting(): Promise<void> {
  const starting = start('').then(
    (started) => started.process,
    () => null,
  )
  await sleep(200 + random() * 1_500)
  const owner = join(folder, 'owner.json')
  if (existsSync(owner)) killAtOnce(JSON.parse(readFileSync(owner, 'utf8')).pid)
  const started = await starting
  if (!started) return
  killAtOnce(started.pid!)
  await exitOf(started)
}

async function exitOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((resolve) => child.once('exit', resolve))
}

test(`what was acknowledged survives ${kills} kills under load (seed ${seed})`, async () => {
  console.log(`BASTIDE_TEST_SEED=${seed} BASTIDE_TEST_KILLS=${kills}`)
  program = await start(undefined)
  const imported = await program.command('model', 'import', await makeTinyLlama(), '--name', 'tiny')
  assert.equal(imported.code, 0, imported.errors)
  await startWorker()
  const target: Target = {
    url: program.url,
    adminKey: program.key,
    limitedKeys: [
      await limitedKey('roomy', 1e6, 1e8),
      // Too near to its limit for leases: each of its calls is reserved by itself.
      await limitedKey('tight', requestsOfTightKey, 1e6),
    ],
  }
  const acknowledged = nothingAcknowledged()
  const endClients = startClients(target, acknowledged, randomOfClients)
  await sleep(2_000)
  const killed: string[] = []
  for (let count = 0; count < kills; count++) {
    await sleep(300 + random() * 2_200)
    killed.push(await killSomething(target))
  }
  await endClients()
  console.log(`killed: ${killed.join(' ')}; acknowledged: ${summary(acknowledged)}`)
  assert.deepEqual(acknowledged.complaints, [])

  await runsEnded(acknowledged)
  await checkFiles(acknowledged)
  await checkKeys(acknowledged)
  const ledger = await readLedger()
  await checkCalls(acknowledged, ledger)
  await checkBatches(acknowledged, ledger)
  await checkDocuments(acknowledged)
  await stopEverything()
  await checkBudgets(target, ledger)
})

function summary(acknowledged: Acknowledged): string {
  const { calls, files, keys, batches, documents, interrupted, refused } = acknowledged
  return (
    `${calls.length} calls, ${files.size} files, ${keys.size} keys, ${batches.size} batches, ` +
    `${documents.length} documents; ${interrupted} requests interrupted, ${refused} refused for now`
  )
}

async function runsEnded({ batches, documents }: Acknowledged): Promise<void> {
  const deadline = Date.now() + settleSecondsMax * 1000
  const paths = [
    ...[...batches.keys()].map((id) => `/v1/batches/${id}`),
    ...documents.map((id) => `/v1/documents/${id}`),
  ]
  for (const path of paths) {
    for (;;) {
      const run = await get<{ status: string; error?: unknown; errors?: unknown }>(path)
      if (['completed', 'done'].includes(run.status)) break
      const said = `${path} is ${run.status}: ${JSON.stringify(run.error ?? run.errors)}`
      assert.ok(!['failed', 'cancelled'].includes(run.status), said)
      assert.ok(Date.now() < deadline, `${said}, ${settleSecondsMax} s after the last kill`)
      await sleep(300)
    }
  }
}

async function checkFiles({ files }: Acknowledged): Promise<void> {
  for (const [id, digest] of files) {
    const response = await fetch(new URL(`/v1/files/${id}/content`, program!.url), {
      headers: { authorization: `Bearer ${program!.key}` },
    })
    const content = new Uint8Array(await response.arrayBuffer())
    const found = createHash('sha256').update(content).digest('hex')
    assert.equal(found, digest, `file ${id} (${response.status}, ${content.length} bytes)`)
  }
}

async function checkKeys({ keys }: Acknowledged): Promise<void> {
  const listed = await get<{ data: { id: string }[] }>('/v1/keys')
  const ids = new Set(listed.data.map((key) => key.id))
  for (const [id, secret] of keys) {
    assert.ok(ids.has(id), `key ${id} is not listed`)
    await get('/v1/models', secret)
  }
}

interface LedgerEntry {
  id: string
  status: 'ok' | 'failed' | 'cancelled'
  key_id: string
  run_id: string | null
  input_tokens: number
  output_tokens: number
  audit_seq: number
}

/** Every entry there is, as many pages as that takes. */
async function readLedger(): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = []
  for (let before = ''; ; ) {
    const page = await get<{ data: LedgerEntry[]; next: string | null }>(
      `/v1/usage/entries?limit=1000${before && `&before=${before}`}`,
    )
    entries.push(...page.data)
    if (!page.next) return entries
    before = page.next
  }
}

/** Each acknowledged call once in the ledger, and each entry's audit record is of its call. */
async function checkCalls({ calls }: Acknowledged, ledger: LedgerEntry[]): Promise<void> {
  const records = await exportedRecords()
  const entriesOf = Map.groupBy(ledger, (entry) => entry.id)
  for (const call of calls) {
    const entries = entriesOf.get(call.callId) ?? []
    assert.equal(entries.length, 1, `call ${call.callId} is ${entries.length} times in the ledger`)
    assert.equal(entries[0]!.status, 'ok', `call ${call.callId}`)
  }
  for (const entry of ledger) {
    const record = records.get(entry.audit_seq)
    assert.equal(record?.details.call, entry.id, `audit record ${entry.audit_seq}`)
    assert.equal(record?.outcome, entry.status === 'ok' ? 'ok' : 'failed')
  }
}

interface AuditBody {
  outcome: string
  details: { call?: string }
}

/** The chain verifies in the server and, exported, without it; its records by number. */
async function exportedRecords(): Promise<Map<number, AuditBody>> {
  const verified = await post<{ intact: boolean }>('/v1/audit/verify')
  assert.equal(verified.intact, true, JSON.stringify(verified))
  const file = join(folder, 'audit.jsonl')
  const key = join(folder, 'public.key')
  const exported = await program!.command('audit', 'export', '--out', file)
  assert.equal(exported.code, 0, exported.errors)
  writeFileSync(key, (await get<{ public_key: string }>('/v1/audit/status')).public_key)
  const offline = await runCommand(['audit', 'verify', file, '--key', key, '--json'])
  assert.equal(offline.code, 0, offline.output + offline.errors)
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  return new Map(
    lines
      .map((line) => JSON.parse(line) as { type: string; seq: number; record: AuditBody })
      .filter((line) => line.type === 'record')
      .map((line) => [line.seq, line.record]),
  )
}

async function checkBatches({ batches }: Acknowledged, ledger: LedgerEntry[]): Promise<void> {
  for (const [id, customIds] of batches) {
    type Batch = { output_file_id: string; error_file_id: string | null; request_counts: object }
    const batch = await get<Batch>(`/v1/batches/${id}`)
    const total = customIds.length
    assert.equal(batch.error_file_id, null, await errorsOf(batch))
    assert.deepEqual(batch.request_counts, { total, completed: total, failed: 0 })
    const lines = (await content(batch.output_file_id)).trimEnd().split('\n')
    const answered = lines.map((line) => (JSON.parse(line) as { custom_id: string }).custom_id)
    assert.deepEqual(answered, customIds, `batch ${id}`)
    const booked = ledger.filter((entry) => entry.run_id === id && entry.status === 'ok')
    assert.equal(booked.length, total, `batch ${id} has ${booked.length} booked lines`)
  }
}

async function errorsOf(batch: { error_file_id: string | null }): Promise<string> {
  return batch.error_file_id ? content(batch.error_file_id) : ''
}

async function content(file: string): Promise<string> {
  const response = await fetch(new URL(`/v1/files/${file}/content`, program!.url), {
    headers: { authorization: `Bearer ${program!.key}` },
  })
  return response.text()
}

async function checkDocuments({ documents }: Acknowledged): Promise<void> {
  for (const id of documents) {
    const page = await get<{ markdown: string }>(`/v1/documents/${id}/pages/0`)
    assert.match(page.markdown, new RegExp(pictureText), `document ${id}`)
  }
}

async function stopEverything(): Promise<void> {
  if (worker) {
    worker.kill('SIGTERM')
    await exitOf(worker)
  }
  await program![Symbol.asyncDispose]()
}

/**
 * What a limit counts as used is what the ledger says, at once. What it counts as reserved is what
 * the rows of `reservations` hold, at once as well; but a process that was killed leaves rows behind,
 * of its calls and leases, and only their expiry gives those back.
 */
async function checkBudgets(target: Target, ledger: LedgerEntry[]): Promise<void> {
  const database = await openDatabase({
    url: await databaseUrlOf(folder),
    folder: join(folder, 'database'),
    poolSize: 2,
    log: createLog('warn'),
  })
  try {
    const read = async () => {
      const { rows } = await sql<Counter>`
        select l.subject_id, l.metric, l.amount, c.used, c.reserved,
          (select coalesce(sum((i->>'amount')::float8), 0)
             from reservations r, jsonb_array_elements(r.items) i
             where i->>'limit' = l.id) as held
        from limits l join limit_counters c on c.limit_id = l.id`.execute(database.db)
      return rows
    }
    for (const counter of await read()) {
      const entries = ledger.filter((entry) => entry.key_id === counter.subject_id)
      const tokens = entries.reduce((sum, one) => sum + one.input_tokens + one.output_tokens, 0)
      const expected = counter.metric === 'requests' ? entries.length : tokens
      const about = JSON.stringify(counter)
      assert.equal(counter.used, expected, about)
      assert.ok(counter.used <= counter.amount, about)
      assert.ok(Math.abs(counter.reserved - counter.held) < 1e-6, about)
    }
    const later = { ...systemClock, now: () => Date.now() + 3_600_000 }
    await createBudgets(database.db, later, callTimeoutSeconds * 1000).sweep()
    const swept = await read()
    assert.equal(swept.length, 2 * target.limitedKeys.length)
    for (const counter of swept) assert.equal(counter.reserved, 0, JSON.stringify(counter))
  } finally {
    await database.close()
  }
}

interface Counter {
  subject_id: string
  metric: string
  amount: number
  used: number
  reserved: number
  held: number
}
