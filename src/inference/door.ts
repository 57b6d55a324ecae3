/**
 * The one door to every model. Whoever uses a model, by HTTP, in a batch or from a workload, comes
 * through here, so that permission, budget, placement, energy, cost and audit hold for everything:
 *
 *   authorise -> check budgets -> choose the model -> place and queue -> run on an engine
 *   -> meter -> book the ledger and the audit log
 */
import type { Budgets, Estimate, Reserved } from '../access/budgets.ts'
import { requirePermission, type Scope } from '../access/scope.ts'
import type { Booking, CallBooking } from '../assurance/booking.ts'
import type { Clock } from '../clock.ts'
import { type Cost, costOf, type Rates } from '../compute/ledger/cost.ts'
import type { TraceParent } from '../compute/traces.ts'
import type { EngineEvent, EngineRequest } from '../engines/contract.ts'
import { AppError, toAppError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { ModelPackage, Registry } from '../models/registry.ts'
import { databaseError } from '../store/database.ts'
import type { Keyring } from '../store/keyring.ts'
import type { Engines } from './engines.ts'
import { createEstimator } from './estimator.ts'
import { createFingerprint, type Fingerprint } from './fingerprint.ts'
import { createMeter, type MeterReading } from './meter.ts'
import { requireModelAllowed } from './policy.ts'
import type { Place, Priority, Scheduler } from './scheduler.ts'

export interface Call {
  /** The `model` field as the caller wrote it. */
  model: string
  request: EngineRequest
  requestId: string
  priority?: Priority
  /** Class of the data in the request, e.g. `personal`; null when the caller named none. */
  dataClass?: string | null
  /** Longest the call may take, waiting included. */
  timeoutMs?: number
  /** The durable run this call is part of. */
  run?: string
  /** The span this call belongs to. */
  trace?: TraceParent | null
  /** The line of that run which this call answers; its result is booked with it or not at all. */
  item?: { index: number; callId: string; result: () => unknown }
}

/** What a finished call cost; its ledger entry and audit record are found by its number. */
export interface Receipt {
  callId: string
  model: string
  packageHash: string
  queueMs: number
  runMs: number
  firstTokenMs: number | null
  cost: Cost
  usage: MeterReading['usage']
}

export type DoorEvent = EngineEvent | { type: 'booked'; receipt: Receipt }

export interface LiveCall {
  id: string
  model: string
  task: EngineRequest['task']
  scope: Scope
  startedAt: number
  state: 'queued' | 'running'
  outputTokens: number
}

export interface DoorObserver {
  /** Called once per finished call, whatever its outcome. */
  callEnded(call: {
    scope: Scope
    model: ModelPackage
    task: string
    status: 'ok' | 'failed' | 'cancelled'
    receipt: Receipt
    error: AppError | null
    /** Milliseconds since the epoch. */
    startedAt: number
    trace: TraceParent | null
  }): void
}

export interface Door {
  /**
   * Runs a call. The engine's events come as they happen; after its `end` comes `booked`, once the
   * ledger and the audit record are durable. Stopping the iteration cancels the call.
   */
  run(scope: Scope, call: Call, signal: AbortSignal): AsyncGenerator<DoorEvent, void, undefined>
  live(): LiveCall[]
  counts(): { active: number; queued: number }
}

export interface DoorParts {
  registry: Registry
  engines: Engines
  budgets: Budgets
  scheduler: Scheduler
  booking: Booking
  keyring: Keyring
  rates: Rates
  clock: Clock
  observers: readonly DoorObserver[]
  defaultTimeoutMs: number
}

/** One call on its way through the door. */
interface Passage {
  scope: Scope
  call: Call
  callId: string
  model: ModelPackage
  reserved: Reserved
  live: LiveCall
  /** The run's line, answered. */
  item?: CallBooking['item']
}

export function createDoor(parts: DoorParts): Door {
  const { registry, engines, budgets, scheduler, booking, keyring, rates, clock } = parts
  const estimator = createEstimator()
  const liveCalls = new Map<string, LiveCall>()

  async function authorise(scope: Scope, call: Call): Promise<ModelPackage> {
    requirePermission(scope, 'inference:use')
    const model = await registry.resolve(scope.organisationId, call.model)
    try {
      requireModelAllowed(scope, model, call)
    } catch (error) {
      await booking.book({
        organisationId: scope.organisationId,
        workspaceId: scope.workspaceId,
        kind: 'call',
        actor: scope.actor,
        subject: { kind: 'package', id: model.hash },
        outcome: 'refused',
        details: { request: call.requestId, reason: toAppError(error).code },
      })
      throw error
    }
    return model
  }

  async function* run(scope: Scope, call: Call, callerSignal: AbortSignal) {
    const model = await authorise(scope, call)
    const timeoutMs = call.timeoutMs ?? parts.defaultTimeoutMs
    const callId = call.item?.callId ?? newId('call')
    const estimate = estimator.estimate(model, call.request)
    const reserved = await budgets.reserve(scope, callId, estimate, timeoutMs)
    const live: LiveCall = {
      id: callId,
      model: call.model,
      task: call.request.task,
      scope,
      startedAt: clock.now(),
      state: 'queued',
      outputTokens: 0,
    }
    liveCalls.set(callId, live)
    const deadline = deadlineSignal(callerSignal, timeoutMs)
    try {
      yield* runCounted({ scope, call, callId, model, reserved, live }, deadline.signal)
    } finally {
      deadline.clear()
      liveCalls.delete(callId)
    }
  }

  async function* runCounted(passage: Passage, signal: AbortSignal) {
    const { scope, call, model, live } = passage
    let place: Place
    let fingerprint: Fingerprint
    try {
      // Made first: the workspace may be erased while the call runs, and it is booked all the same.
      fingerprint = createFingerprint(await keyring.dataKey(scope.workspaceId), call.request)
      place = await scheduler.enter({
        resource: model.hash,
        capacity: engines.capacity(model),
        workspaceId: scope.workspaceId,
        priority: call.priority ?? 'interactive',
        signal,
      })
    } catch (error) {
      await passage.reserved.giveBack()
      throw interruption(error, signal)
    }
    live.state = 'running'
    const here = model.manifest.engine !== 'remote'
    const streamed = call.request.task === 'generate' && call.request.stream === true
    const meter = createMeter(clock, { cpuKnown: here, firstSeen: here || streamed })
    let failure: AppError | null = null
    let booked = false
    try {
      const engineModel = await engines.prepare(model)
      for await (const event of engines.run(model, engineModel, call.request, signal)) {
        meter.observe(event)
        live.outputTokens = meter.outputTokensSoFar()
        if (event.type === 'text-delta') fingerprint.add(event.text)
        yield event
      }
      place.release()
      // An answer that cannot be given as asked is a failed call, and booked as one.
      passage.item = itemOf(call)
      booked = true
      const receipt = await bookCall(passage, place, meter.reading(), fingerprint, null)
      yield { type: 'booked' as const, receipt }
    } catch (error) {
      failure = interruption(error, signal)
      throw failure
    } finally {
      place.release()
      // A consumer that stops early leaves without an error: that is a cancellation.
      failure ??= booked ? null : new AppError('cancelled', 'The caller went away.')
      if (!booked) await bookCall(passage, place, meter.reading(), fingerprint, failure)
    }
  }

  async function bookCall(
    passage: Passage,
    place: Place,
    reading: MeterReading,
    fingerprint: Fingerprint,
    failure: AppError | null,
  ): Promise<Receipt> {
    const { scope, call, model } = passage
    const { usage } = reading
    const cost = costOf(usage, model.manifest.price, rates)
    estimator.learn(model, usage, cost)
    const ledger = ledgerEntry(passage, place, reading, cost, failure)
    const booking_: CallBooking = {
      ledger,
      reservation: passage.reserved.id,
      counted: passage.reserved.counted,
      actual: actualUse(usage, cost),
      settled: passage.reserved.settled,
      ...(!failure && passage.item && { item: passage.item }),
    }
    await booking.book(
      {
        organisationId: scope.organisationId,
        workspaceId: scope.workspaceId,
        kind: 'call',
        actor: scope.actor,
        subject: { kind: 'package', id: model.hash },
        outcome: failure ? 'failed' : 'ok',
        details: {
          call: ledger.call_id,
          request: call.requestId,
          key: scope.keyId,
          model: call.model.slice(0, 200),
          task: call.request.task,
          error: failure?.code,
          input_tokens: usage.inputTokens,
          output_tokens: usage.outputTokens,
          pages: usage.pages,
          joules: cost.joules ?? undefined,
          joules_source: cost.joulesSource ?? undefined,
          euros: cost.euros,
          data_class: call.dataClass ?? undefined,
          run: call.run,
          ...fingerprint.digests(),
        },
      },
      booking_,
    )
    const receipt: Receipt = {
      callId: ledger.call_id,
      model: call.model,
      packageHash: model.hash,
      queueMs: ledger.queue_seconds * 1000,
      runMs: ledger.run_seconds * 1000,
      firstTokenMs: reading.firstTokenSeconds === null ? null : reading.firstTokenSeconds * 1000,
      cost,
      usage,
    }
    const status = ledger.status
    for (const observer of parts.observers) {
      observer.callEnded({
        scope,
        model,
        task: ledger.task,
        status,
        receipt,
        error: failure,
        startedAt: passage.live.startedAt,
        trace: call.trace ?? null,
      })
    }
    return receipt
  }

  return { run, live: () => [...liveCalls.values()], counts: () => scheduler.counts() }
}

function itemOf({ run, item }: Call): CallBooking['item'] {
  if (!run || !item) return undefined
  return { run, index: item.index, status: 'done', result: item.result() }
}

function actualUse(usage: MeterReading['usage'], cost: Cost): Estimate {
  return {
    tokens: usage.inputTokens + usage.outputTokens,
    euros: cost.euros,
    joules: cost.joules ?? 0,
  }
}

function ledgerEntry(
  passage: Passage,
  place: Place,
  reading: MeterReading,
  cost: Cost,
  failure: AppError | null,
): CallBooking['ledger'] {
  const { scope, call, model } = passage
  const status = failure === null ? 'ok' : failure.code === 'cancelled' ? 'cancelled' : 'failed'
  return {
    // A failed attempt at a run's line keeps its own number; the line's number is for its success.
    call_id: failure && call.item ? newId('call') : passage.callId,
    organisation_id: scope.organisationId,
    workspace_id: scope.workspaceId,
    key_id: scope.keyId,
    member_id: scope.memberId,
    model: call.model.slice(0, 200),
    package_hash: model.hash,
    engine: model.manifest.engine,
    task: call.request.task,
    status,
    error_code: failure?.code ?? null,
    run_id: call.run ?? null,
    input_tokens: reading.usage.inputTokens,
    output_tokens: reading.usage.outputTokens,
    cached_tokens: reading.usage.cachedTokens,
    pages: reading.usage.pages,
    queue_seconds: place.queuedMs / 1000 + reading.usage.queueSeconds,
    run_seconds: reading.runSeconds,
    first_token_seconds: reading.firstTokenSeconds,
    cpu_seconds: reading.usage.cpuSeconds,
    joules: cost.joules,
    joules_source: cost.joulesSource,
    grams_co2e: cost.gramsCo2e,
    euros: cost.euros,
  }
}

/** The caller's signal, ended as well when the call's time is over. */
function deadlineSignal(caller: AbortSignal, timeoutMs: number) {
  const controller = new AbortController()
  const timer = setTimeout(() => {
    const seconds = Math.round(timeoutMs / 1000)
    const message = `The call took longer than ${seconds} s and was stopped.`
    controller.abort(new AppError('timeout', message))
  }, timeoutMs)
  const onAbort = () => controller.abort(caller.reason)
  if (caller.aborted) onAbort()
  else caller.addEventListener('abort', onAbort, { once: true })
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer)
      caller.removeEventListener('abort', onAbort)
    },
  }
}

/** Why a call ended early: the deadline's or caller's reason counts more than what it led to. */
function interruption(error: unknown, signal: AbortSignal): AppError {
  if (!signal.aborted) return databaseError(error)
  if (signal.reason instanceof AppError) return signal.reason
  return new AppError('cancelled', 'The call was cancelled.', { cause: error })
}
