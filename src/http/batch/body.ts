/** A batch as each dialect describes it. */
import { derivedId } from '../../ids.ts'
import type { ItemCounts, Run, RunItem } from '../../store/runs.ts'
import type { BatchInput, BatchResult, LineResult } from './run.ts'

const seconds = (at: Date | null) => (at ? Math.floor(at.getTime() / 1000) : null)

/** A line of a result file, with the fields of both dialects. */
export function lineBody(runId: string, index: number, result: LineResult) {
  const id = derivedId('batch_req', runId, index)
  const requestId = derivedId('req', runId, index)
  return {
    id,
    custom_id: result.customId,
    response: result.error
      ? { status_code: result.error.status, request_id: requestId, body: result.error.body }
      : { status_code: 200, request_id: requestId, body: result.body },
    error: result.error ? result.error.body.error : null,
  }
}

/** A batch that ran out of its time: both dialects have a word of their own for it. */
const isExpired = (run: Run) =>
  run.status === 'failed' && (run.error as { code: string } | null)?.code === 'timeout'

const openaiStatus: Record<Run['status'], string> = {
  queued: 'validating',
  running: 'in_progress',
  done: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
}

export function openaiBatch(run: Run, { done, failed }: ItemCounts) {
  const input = run.input as BatchInput
  const result = run.result as BatchResult | null
  const cancelling = run.cancel_requested_at !== null && run.status === 'running'
  return {
    id: run.id,
    object: 'batch',
    endpoint: input.endpoint,
    errors: run.error
      ? { object: 'list', data: [{ ...run.error, line: null, param: null }] }
      : null,
    input_file_id: input.inputFiles[0],
    completion_window: '24h',
    status: isExpired(run) ? 'expired' : cancelling ? 'cancelling' : openaiStatus[run.status],
    output_file_id: result?.outputFile ?? null,
    error_file_id: result?.errorFile ?? null,
    created_at: seconds(run.created_at),
    in_progress_at: seconds(run.started_at),
    expires_at: Math.floor(Date.parse(input.expiresAt) / 1000),
    completed_at: run.status === 'done' ? seconds(run.finished_at) : null,
    failed_at: run.status === 'failed' && !isExpired(run) ? seconds(run.finished_at) : null,
    expired_at: isExpired(run) ? seconds(run.finished_at) : null,
    cancelled_at: run.status === 'cancelled' ? seconds(run.finished_at) : null,
    request_counts: { total: run.progress_total ?? 0, completed: done, failed },
    metadata: input.metadata,
  }
}

export const mistralStatus: Record<Run['status'], string> = {
  queued: 'QUEUED',
  running: 'RUNNING',
  done: 'SUCCESS',
  failed: 'FAILED',
  cancelled: 'CANCELLED',
}

/** `items` are the results where they were asked for. */
export function mistralBatch(
  run: Run,
  { done, failed }: ItemCounts,
  items: readonly RunItem[] | null,
) {
  const input = run.input as BatchInput
  const result = run.result as BatchResult | null
  const cancelling = run.cancel_requested_at !== null && run.status === 'running'
  return {
    id: run.id,
    object: 'batch',
    input_files: input.inputFiles,
    metadata: input.metadata,
    endpoint: input.endpoint,
    model: input.model,
    agent_id: null,
    output_file: result?.outputFile ?? null,
    error_file: result?.errorFile ?? null,
    errors: run.error ? [{ message: run.error.message, count: 1 }] : [],
    outputs: items?.map((item) => lineBody(run.id, item.item, item.result as LineResult)) ?? null,
    status: isExpired(run)
      ? 'TIMEOUT_EXCEEDED'
      : cancelling
        ? 'CANCELLATION_REQUESTED'
        : mistralStatus[run.status],
    created_at: seconds(run.created_at),
    total_requests: run.progress_total ?? 0,
    completed_requests: done + failed,
    succeeded_requests: done,
    failed_requests: failed,
    started_at: seconds(run.started_at),
    completed_at: seconds(run.finished_at),
  }
}
