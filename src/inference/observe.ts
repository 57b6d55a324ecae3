/** Tells the metrics, the traces and the log of finished calls. */
import type { Metrics } from '../compute/metrics.ts'
import type { Traces } from '../compute/traces.ts'
import type { Log } from '../log.ts'
import type { DoorObserver } from './door.ts'

export function metricsObserver(metrics: Metrics): DoorObserver {
  return {
    callEnded({ model, task, status, receipt }) {
      const labels = { package: model.manifest.name }
      const { usage, cost } = receipt
      metrics.calls.inc({ ...labels, task, status })
      metrics.tokens.inc({ ...labels, direction: 'input' }, usage.inputTokens)
      metrics.tokens.inc({ ...labels, direction: 'output' }, usage.outputTokens)
      metrics.pages.inc(labels, usage.pages)
      metrics.euros.inc(labels, cost.euros)
      if (cost.joules !== null && cost.joulesSource) {
        metrics.joules.inc({ ...labels, source: cost.joulesSource }, cost.joules)
      }
      metrics.queueSeconds.observe(labels, receipt.queueMs / 1000)
      if (receipt.firstTokenMs !== null) {
        metrics.firstTokenSeconds.observe(labels, receipt.firstTokenMs / 1000)
      }
    },
  }
}

/**
 * Failures that are no fault of the caller. A batch's line, and an answer that had begun, have nothing
 * else to tell of them.
 */
export function logObserver(log: Log): DoorObserver {
  return {
    callEnded({ error, model, receipt }) {
      if (!error || error.status < 500) return
      const { callId } = receipt
      log.error(
        { err: error, cause: error.cause, callId, model: model.manifest.name },
        'call failed',
      )
    },
  }
}

/** Operation names of OpenTelemetry's gen_ai conventions; tasks without one keep their own. */
const operations: Record<string, string> = { generate: 'chat', embed: 'embeddings' }

export function tracesObserver(traces: Traces): DoorObserver {
  return {
    callEnded({ scope, model, task, receipt, error, startedAt, trace }) {
      const { usage, cost } = receipt
      traces.call({
        operation: operations[task] ?? task,
        model: receipt.model,
        startedAt,
        durationMs: receipt.queueMs + receipt.runMs,
        parent: trace,
        error,
        attributes: {
          'gen_ai.response.model': model.manifest.name,
          'gen_ai.response.id': receipt.callId,
          'gen_ai.usage.input_tokens': usage.inputTokens,
          'gen_ai.usage.output_tokens': usage.outputTokens,
          'bastide.workspace.id': scope.workspaceId,
          'bastide.package.hash': receipt.packageHash,
          'bastide.engine': model.manifest.engine,
          'bastide.pages': usage.pages,
          'bastide.queue_ms': receipt.queueMs,
          'bastide.euros': cost.euros,
          ...(receipt.firstTokenMs !== null && { 'bastide.first_output_ms': receipt.firstTokenMs }),
          ...(cost.joules !== null && { 'bastide.joules': cost.joules }),
          ...(cost.joulesSource && { 'bastide.joules.source': cost.joulesSource }),
        },
      })
    },
  }
}
