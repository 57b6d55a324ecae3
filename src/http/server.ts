/** The listening server: the app over Node's HTTP, its timers, and an orderly end. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { forgetClientSessions } from '../access/client-sessions.ts'
import { createSignIn } from '../access/identity/sign-in.ts'
import { anchorHead } from '../assurance/audit/anchoring.ts'
import { makeCheckpoint } from '../assurance/audit/store.ts'
import { setUp } from '../installation.ts'
import type { Program } from '../program.ts'
import { applyRetention } from '../retention.ts'
import { createIdempotency } from '../store/idempotency.ts'
import { forgetEnded, tidyUp } from '../store/upkeep.ts'
import { version } from '../version.ts'
import { createApp } from './app.ts'
import { createChange, createRecordChange } from './change.ts'
import { consoleFiles } from './console-files.ts'
import { acceptedHosts } from './hosts.ts'
import { listen } from './listen.ts'
import { openApiRoutes } from './openapi.ts'
import type { Route } from './route.ts'
import { keyRoutes, limitRoutes, memberRoutes } from './routes/access.ts'
import { aliasRoutes } from './routes/aliases.ts'
import { anchorRoutes } from './routes/anchors.ts'
import { auditRoutes } from './routes/audit.ts'
import { backupRoutes } from './routes/backups.ts'
import { batchRoutes } from './routes/batches.ts'
import { bundleRoutes } from './routes/bundles.ts'
import { clientSessionRoutes } from './routes/client-sessions.ts'
import { documentRoutes } from './routes/documents.ts'
import { fileRoutes } from './routes/files.ts'
import { identityRoutes } from './routes/identity.ts'
import { inferenceRoutes } from './routes/inference.ts'
import { modelImportRoutes } from './routes/model-imports.ts'
import { modelRoutes } from './routes/models.ts'
import { ocrRoutes } from './routes/ocr.ts'
import { egressRoutes, healthRoutes, overviewRoutes } from './routes/operations.ts'
import { packageRoutes } from './routes/packages.ts'
import { responsesRoutes } from './routes/responses.ts'
import { retentionRoutes } from './routes/retention.ts'
import { scimRoutes } from './routes/scim.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { signerRoutes } from './routes/signers.ts'
import { specialistRoutes } from './routes/specialists.ts'
import { uploadRoutes } from './routes/uploads.ts'
import { usageRoutes } from './routes/usage.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import { createSignedLinks } from './signed-links.ts'

const megabyte = 2 ** 20

export interface RunningServer {
  url: string
  /** The first owner key, at the installation's first start only. */
  adminKey: string | null
  close(): Promise<void>
}

/** All routes of the program, in the order of the documentation. */
function allRoutes(
  program: Program,
  state: { ready: boolean; startedAt: Date },
  hosts: ReadonlySet<string>,
): Route[] {
  const { config, door, files, egress, booking, registry, engines, runs } = program
  const { db } = program.database
  const record = createRecordChange(booking)
  const change = createChange(db, record)
  const fileLimitBytes = config.fileLimitMegabytes * megabyte
  const accessParts = {
    db,
    authenticator: program.authenticator,
    keyring: program.keyring,
    blobs: program.blobs,
    signingKey: program.signingKey,
    budgets: program.budgets,
    booking,
    record,
    change,
    clock: program.clock,
    log: program.log,
    publicUrl: config.publicUrl,
    hosts,
    signIn: createSignIn({ ...program, db }),
  }
  const modelParts = {
    db,
    registry,
    files: program.modelFiles,
    engines,
    signingKey: program.signingKey,
    keyring: program.keyring,
    importPolicy: config.importPolicy,
    loadPolicy: config,
    clock: program.clock,
    change,
  }
  const operationsParts = {
    db,
    door,
    engines,
    metrics: program.metrics,
    egressBook: program.egressBook,
    change,
    version,
    startedAt: state.startedAt,
    engineBudgetBytes: config.engineMemoryMegabytes * megabyte,
    isReady: () => state.ready,
  }
  const batchParts = { runs, files, record, lineLimitBytes: config.bodyLimitMegabytes * megabyte }
  const routes = [
    ...inferenceRoutes(door),
    ...responsesRoutes({ door, responses: program.responses, record }),
    ...specialistRoutes(door, registry),
    ...ocrRoutes({ door, files, egress, fileLimitBytes }),
    ...documentRoutes({ documents: program.documents, record, fileLimitBytes }),
    ...fileRoutes({
      files,
      links: createSignedLinks(program),
      record,
      publicUrl: config.publicUrl,
    }),
    ...uploadRoutes({ uploads: program.uploads, files, record }),
    ...batchRoutes(batchParts),
    ...modelRoutes(modelParts),
    ...packageRoutes(modelParts),
    ...bundleRoutes(modelParts),
    ...modelImportRoutes({ runs, quarantine: program.quarantine, record, change }),
    ...aliasRoutes(modelParts),
    ...signerRoutes(modelParts),
    ...retentionRoutes({ db, change, apply: (id) => applyRetention(program, id) }),
    ...webhookRoutes({ db, keyring: program.keyring, jobs: program.jobs, change }),
    ...usageRoutes({ db, rates: program.rates }),
    ...auditRoutes({ db, signingKey: program.signingKey }),
    ...anchorRoutes({ db, signingKey: program.signingKey, anchoring: program.anchoring, change }),
    ...sessionRoutes(accessParts),
    ...clientSessionRoutes({ registry, change, clock: program.clock }),
    ...keyRoutes(accessParts),
    ...memberRoutes(accessParts),
    ...identityRoutes(accessParts),
    ...scimRoutes(accessParts),
    ...limitRoutes(accessParts),
    ...egressRoutes(operationsParts),
    ...overviewRoutes(operationsParts),
    ...healthRoutes(operationsParts),
    ...backupRoutes({ program, change }),
  ]
  return [...routes, ...openApiRoutes(routes, version)]
}

/** Sets the installation up if needed, listens, and takes up durable work. */
export async function startServer(program: Program): Promise<RunningServer> {
  const { config, log, metrics } = program
  const { adminKey } = await setUp(program)
  const state = { ready: true, startedAt: new Date() }
  const hosts = acceptedHosts(config.allowedHosts, config.host, config.publicUrl)
  const app = createApp({
    routes: allRoutes(program, state, hosts),
    authenticator: program.authenticator,
    accessWatch: program.accessWatch,
    idempotency: createIdempotency({ ...program, db: program.database.db }),
    hosts,
    bodyLimitBytes: config.bodyLimitMegabytes * megabyte,
    log,
    traces: program.traces,
    caughtUp: program.booking.drain,
    onAnswer: (route, method, status, seconds) =>
      metrics.httpSeconds.observe({ route, method, status: String(status) }, seconds),
    console: consoleFiles(new URL('../../web/dist', import.meta.url).pathname),
  })
  const server = await listen(app.fetch, config, log)
  await program.startWorkers({ imports: true })
  const stopTimers = startTimers(program)
  const { port } = server.address() as AddressInfo
  const shownHost = ['0.0.0.0', '::'].includes(config.host) ? 'localhost' : config.host
  const url = `http://${shownHost.includes(':') ? `[${shownHost}]` : shownHost}:${port}`
  log.info({ url, version, database: program.database.home }, 'listening')
  return {
    url,
    adminKey,
    async close() {
      state.ready = false
      stopTimers()
      await stopListening(server)
      await program.close()
      log.info('stopped')
    },
  }
}

const drainMs = 20_000

/** Lets answers that have begun end, for a while; then closes what is left. */
async function stopListening(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), drainMs)
  const idle = setInterval(() => server.closeIdleConnections(), 200)
  await closed
  clearTimeout(timer)
  clearInterval(idle)
}

/** Ends uploads whose hour is over, and tells the audit log. */
async function endLateUploads({ uploads, booking }: Program): Promise<void> {
  await uploads.sweep((transaction, upload) =>
    booking.append(transaction, {
      organisationId: upload.organisation_id,
      workspaceId: upload.workspace_id,
      kind: 'upload.expire',
      actor: { kind: 'system', id: 'uploads' },
      subject: { kind: 'upload', id: upload.id },
      outcome: 'ok',
      details: {},
    }),
  )
}

/** Housekeeping. A failure is logged and met again at the next turn; no caller waits for it. */
function startTimers(program: Program): () => void {
  const { log, database, budgets, authenticator, egressBook, metrics, door } = program
  const every = (seconds: number, name: string, work: () => Promise<unknown>) =>
    setInterval(() => {
      work().catch((error) => log.error({ err: error, task: name }, 'housekeeping failed'))
    }, seconds * 1000)
  const hourMs = 3_600_000
  let tidiedAt = program.clock.monotonic()
  /** Hourly when nobody calls, and after six hours whatever goes on: it holds the database briefly. */
  async function upkeepWhenQuiet(): Promise<void> {
    const sinceMs = program.clock.monotonic() - tidiedAt
    if (sinceMs < hourMs || (door.counts().active > 0 && sinceMs < 6 * hourMs)) return
    tidiedAt = program.clock.monotonic()
    await tidyUp(database.db)
  }

  const timers = [
    every(60, 'checkpoint', async () => {
      const organisations = await database.db.selectFrom('organisations').select('id').execute()
      for (const { id } of organisations) {
        await makeCheckpoint(database.db, id, program.signingKey, new Date())
      }
    }),
    every(program.config.anchorMinutes * 60, 'anchors', async () => {
      const organisations = await database.db.selectFrom('organisations').select('id').execute()
      for (const { id } of organisations) {
        const anchored = await anchorHead(program.anchoring, id)
        for (const failure of anchored?.failures ?? []) log.error({ failure }, 'anchoring failed')
      }
    }),
    every(3600, 'retention', () => applyRetention(program)),
    every(60, 'removals', () => program.removals.sweep()),
    every(60, 'client sessions', () => forgetClientSessions(database.db, program.clock.now())),
    every(60, 'uploads', () => endLateUploads(program)),
    every(60, 'reservations', () => budgets.sweep()),
    every(30, 'last used', () => authenticator.flush()),
    every(10, 'egress', () => egressBook.flush()),
    every(3600, 'ended', () => forgetEnded(database.db)),
    every(60, 'upkeep', async () => {
      if (database.home === 'embedded') await upkeepWhenQuiet()
    }),
    every(5, 'gauges', async () => {
      const { active, queued } = door.counts()
      metrics.callsActive.set(active)
      metrics.callsQueued.set(queued)
    }),
  ]
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}
