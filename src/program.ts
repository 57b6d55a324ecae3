/**
 * Wires the program by hand: every part gets what it needs, and nothing else. The server and a
 * worker on another machine are the same program; only the server listens.
 */
import { join } from 'node:path'
import { createAuthenticator } from './access/authenticate.ts'
import { createBudgets } from './access/budgets.ts'
import { createAccessWatch } from './access/watch.ts'
import type { AnchoringParts } from './assurance/audit/anchoring.ts'
import { createBooking } from './assurance/booking.ts'
import { createEgressBook } from './assurance/egress-book.ts'
import { openSigningKey } from './assurance/signing.ts'
import { systemClock } from './clock.ts'
import type { Rates } from './compute/ledger/cost.ts'
import { createMetrics } from './compute/metrics.ts'
import { choosePowerModel } from './compute/power/model.ts'
import { createTraces } from './compute/traces.ts'
import type { Config } from './config.ts'
import { createEgress } from './egress.ts'
import { createLlamaEngine } from './engines/llama/engine.ts'
import { createOnnxEngine } from './engines/onnx/engine.ts'
import { createReadEngine } from './engines/read/engine.ts'
import { createRemoteEngine } from './engines/remote/engine.ts'
import { usualConcurrency } from './engines/remote/settings.ts'
import { describeIsolation, isolation } from './engines/sandbox/isolation.ts'
import { AppError } from './errors.ts'
import { batchKind, gatherBatch, performBatch } from './http/batch/run.ts'
import type { StoredResponse } from './http/dialect/responses-answer.ts'
import { createWebhookSender } from './http/webhook-sender.ts'
import { createDoor } from './inference/door.ts'
import { createEngines } from './inference/engines.ts'
import { logObserver, metricsObserver, tracesObserver } from './inference/observe.ts'
import { createScheduler } from './inference/scheduler.ts'
import type { Log } from './log.ts'
import { createModelFiles } from './models/files.ts'
import { createQuarantine } from './models/quarantine.ts'
import { createRegistry } from './models/registry.ts'
import { importKind, performImport } from './models/source/import.ts'
import { createBlobs } from './store/blobs.ts'
import { openDatabase } from './store/database.ts'
import { createFiles } from './store/files.ts'
import { createJobs } from './store/jobs.ts'
import { openJournal } from './store/journal.ts'
import { createKeyring } from './store/keyring.ts'
import { migrate } from './store/migrate.ts'
import { blobFolderOf, modelFolderOf, openStores, storeRules } from './store/objects/stores.ts'
import { createPartUploads } from './store/part-uploads.ts'
import { createRemovals } from './store/removals.ts'
import { createResponses } from './store/responses.ts'
import { workOnRuns } from './store/run-worker.ts'
import { createRuns } from './store/runs.ts'
import { discardStaleUploads } from './store/uploads.ts'
import {
  deliveryKind,
  failDelivery,
  isDeliveryId,
  tellFinished,
  unfinishedDeliveries,
} from './store/webhooks.ts'
import { version } from './version.ts'
import { createDocuments, documentKind } from './workloads/documents/documents.ts'

const megabyte = 2 ** 20

export type Program = Awaited<ReturnType<typeof assembleProgram>>

/** Opens storage, brings the schema up to date and puts the parts together. Nothing runs yet. */
export async function assembleProgram(config: Config, log: Log) {
  const clock = systemClock
  const database = await openDatabase({
    url: config.databaseUrl,
    folder: join(config.dataFolder, 'database'),
    poolSize: config.databasePoolSize,
    log,
  })
  const { db, pool } = database
  await migrate(pool)
  const blobFolder = blobFolderOf(config)
  const modelFolder = modelFolderOf(config)
  for (const folder of [blobFolder, modelFolder]) await discardStaleUploads(folder)
  const { dataFolder, masterKey } = config
  const keyring = createKeyring({ db, dataFolder, masterKey, clock })
  const signingKey = await openSigningKey(keyring)
  const authenticator = createAuthenticator(db, clock)
  const accessWatch = createAccessWatch(authenticator)
  const budgets = createBudgets(db, clock, config.callTimeoutSeconds * 1000)
  const embedded = database.home === 'embedded'
  // The embedded database has one owner: what its calls held when it ended is held by nobody.
  if (embedded) await budgets.releaseAll()
  const journal = embedded ? await openJournal(join(dataFolder, 'journal')) : null
  const booking = createBooking({ db, clock, journal, log })
  await booking.recover()
  const egressBook = createEgressBook(db, booking)
  const fixedRules = storeRules(config)
  const egress = createEgress({
    rules: async () => [...fixedRules, ...(await egressBook.rules())],
    record: egressBook.record,
  })
  const stores = openStores(config, egress)
  const removals = createRemovals({ db, objects: stores.blobs, clock })
  const blobs = createBlobs({ db, objects: stores.blobs, removals, spool: blobFolder, log })
  const files = createFiles({
    db,
    blobs,
    keyring,
    limitBytes: config.fileLimitMegabytes * megabyte,
  })
  const uploads = createPartUploads({
    db,
    blobs,
    files,
    keyring,
    clock,
    limitBytes: config.fileLimitMegabytes * megabyte,
  })
  const anchoring: AnchoringParts = {
    db,
    key: signingKey,
    egress,
    clock,
    folder: config.anchorFolder,
    timestampUrl: config.timestampUrl,
  }
  const quarantine = createQuarantine(db, booking, modelFolder)
  const modelFiles = createModelFiles(modelFolder, quarantine)
  const registry = createRegistry(db, signingKey, config)
  const metrics = createMetrics()
  const traces = config.traceUrl
    ? createTraces({ url: config.traceUrl, egress, version, log })
    : null
  const rates: Rates = {
    powerModel: choosePowerModel(config.powerWattsPerCore),
    eurosPerKwh: config.eurosPerKwh,
    gramsCo2ePerKwh: config.gramsCo2ePerKwh,
  }

  const secret = async (name: string) => {
    const value = await keyring.openSecret(`remote:${name}`)
    if (value) return value.toString()
    throw new AppError(
      'model_unavailable',
      `The secret "${name}" is not set. An administrator can set it with PUT /v1/secrets/${name}.`,
    )
  }
  const way = isolation()
  const level = way === 'bubblewrap' ? 'info' : 'warn'
  log[level]({ isolation: describeIsolation(way) }, 'processes of engines')
  const engines = createEngines({
    files: modelFiles,
    engines: [
      createLlamaEngine({
        memoryBudgetBytes: config.engineMemoryMegabytes * megabyte,
        gpu: config.gpu === 'auto' ? 'auto' : false,
        contextSequences: config.llamaSequences,
        maxThreads: config.llamaThreads,
        clock,
      }),
      createOnnxEngine({
        memoryBudgetBytes: config.engineMemoryMegabytes * megabyte,
        modelFolder,
      }),
      createReadEngine({
        processes: config.readProcesses,
        idleSeconds: config.engineIdleSeconds,
        limits: { bytes: config.fileLimitMegabytes * megabyte },
      }),
      createRemoteEngine({ egress, secret }),
    ],
    // A place at the door is a place in the engine; what waits, waits fairly at the door.
    capacities: {
      llama: config.llamaSequences,
      onnx: 4,
      read: config.readProcesses,
      remote: usualConcurrency,
    },
  })
  const scheduler = createScheduler(clock, config.queueLengthMax)
  const door = createDoor({
    registry,
    engines,
    budgets,
    scheduler,
    booking,
    keyring,
    rates,
    clock,
    observers: [
      metricsObserver(metrics),
      logObserver(log),
      ...(traces ? [tracesObserver(traces)] : []),
    ],
    defaultTimeoutMs: config.callTimeoutSeconds * 1000,
  })
  const jobs = await createJobs({
    database,
    log,
    concurrency: config.jobConcurrency,
    kinds: {
      [batchKind]: {},
      [documentKind]: {},
      // A download goes on where it broke off, so trying for hours costs nothing.
      [importKind]: { retryLimit: 30, retryDelay: 5, retryDelayMax: 900 },
      [deliveryKind]: {
        // A receiver that is down for an hour is told all the same.
        retryLimit: 14,
        retryDelay: 2,
        retryDelayMax: 1800,
        // One that does not answer holds up the rest of its own workspace, and nobody else.
        concurrency: 6,
        perGroup: 2,
        unfinished: () => unfinishedDeliveries(db),
      },
    },
    onDeadLetter: (id) =>
      isDeliveryId(id)
        ? failDelivery(db, id)
        : runs.finish(id, {
            status: 'failed',
            error: { code: 'internal', message: 'It failed each time it was tried; see the log.' },
            result: null,
          }),
  })
  const runs = createRuns(db, jobs, async (transaction, run) => {
    await tellFinished(transaction, jobs, run)
  })
  const responses = createResponses<StoredResponse>(db, keyring)
  const documents = createDocuments({ db, door, runs, blobs, keyring })

  /**
   * Takes up durable work in this process. Models are imported by the server alone: they lie in its
   * data folder, and a worker elsewhere has another one.
   */
  async function startWorkers(also: { imports: boolean }): Promise<void> {
    const scopeOf = ({ keyId }: { keyId: string }) =>
      authenticator.authenticate({ kind: 'run', keyId })
    const holdAccess = ({ keyId }: { keyId: string }, lost: (reason: AppError) => void) =>
      accessWatch.hold({ kind: 'run', keyId }, 'inference:use', lost)
    const parts = { runs, jobs, log, scopeOf, holdAccess }
    const batchParts = {
      door,
      runs,
      files,
      responses,
      egress,
      log,
      lineLimitBytes: config.bodyLimitMegabytes * megabyte,
      documentLimitBytes: config.fileLimitMegabytes * megabyte,
    }
    await workOnRuns(parts, {
      kind: batchKind,
      perform: (run, scope, signal) => performBatch(batchParts, run, scope, signal),
      salvage: (run, scope) => gatherBatch(batchParts, run, scope),
    })
    await workOnRuns(parts, { kind: documentKind, perform: documents.read })
    if (also.imports) {
      const importParts = {
        db,
        runs,
        booking,
        egress,
        keyring,
        files: modelFiles,
        registry,
        quarantine,
      }
      await workOnRuns(parts, {
        kind: importKind,
        perform: (run, scope, signal) => performImport(importParts, run, scope, signal),
      })
    }
    await jobs.work(deliveryKind, createWebhookSender({ db, keyring, egress, clock }))
  }

  /** Ends what runs, in the order that loses nothing: work, books, engines, storage. */
  async function close(): Promise<void> {
    await jobs.close()
    await engines.close()
    await booking.drain()
    await budgets.forget()
    await authenticator.flush()
    await traces?.close()
    await egressBook.flush()
    await booking.close()
    await egress.close()
    await database.close()
  }

  return {
    config,
    log,
    clock,
    database,
    keyring,
    signingKey,
    stores,
    blobs,
    removals,
    files,
    uploads,
    authenticator,
    accessWatch,
    budgets,
    booking,
    egressBook,
    egress,
    anchoring,
    modelFiles,
    quarantine,
    registry,
    metrics,
    traces,
    rates,
    engines,
    scheduler,
    door,
    jobs,
    runs,
    documents,
    responses,
    startWorkers,
    close,
  }
}
