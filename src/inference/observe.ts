/** Counts finished calls in the metrics. */
import type { Metrics } from '../compute/metrics.ts'
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
