/** Prometheus metrics of this process. Labels never carry text a caller chose, save model names. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export type Metrics = ReturnType<typeof createMetrics>

const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'bastide_' })
  const registers = [registry]
  return {
    registry,
    httpSeconds: new Histogram({
      name: 'bastide_http_request_seconds',
      help: 'Time to answer, by route; for streams, to the first byte',
      labelNames: ['route', 'method', 'status'],
      buckets: secondsBuckets,
      registers,
    }),
    calls: new Counter({
      name: 'bastide_calls_total',
      help: 'Model calls that ended',
      labelNames: ['package', 'task', 'status'],
      registers,
    }),
    tokens: new Counter({
      name: 'bastide_tokens_total',
      help: 'Tokens, by direction',
      labelNames: ['package', 'direction'],
      registers,
    }),
    pages: new Counter({
      name: 'bastide_pages_total',
      help: 'Pages read',
      labelNames: ['package'],
      registers,
    }),
    joules: new Counter({
      name: 'bastide_joules_total',
      help: 'Energy booked, by how it is known',
      labelNames: ['package', 'source'],
      registers,
    }),
    euros: new Counter({
      name: 'bastide_euros_total',
      help: 'Cost booked',
      labelNames: ['package'],
      registers,
    }),
    queueSeconds: new Histogram({
      name: 'bastide_call_queue_seconds',
      help: 'Time calls waited for a place',
      labelNames: ['package'],
      buckets: secondsBuckets,
      registers,
    }),
    firstTokenSeconds: new Histogram({
      name: 'bastide_call_first_output_seconds',
      help: 'Time from start to the first output',
      labelNames: ['package'],
      buckets: secondsBuckets,
      registers,
    }),
    callsActive: new Gauge({
      name: 'bastide_calls_active',
      help: 'Calls running now',
      registers,
    }),
    callsQueued: new Gauge({
      name: 'bastide_calls_queued',
      help: 'Calls waiting now',
      registers,
    }),
  }
}
