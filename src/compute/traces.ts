/**
 * OpenTelemetry traces, when BASTIDE_TRACE_URL names a collector: one span per HTTP request and, in
 * it, one per model call with the gen_ai attributes of the OpenTelemetry semantic conventions. Spans
 * carry ids, names and counts, never prompts or answers. They leave over the egress guard, in OTLP's
 * JSON form; a collector that is away loses spans and never delays a caller.
 */
import {
  type Attributes,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { type ExportResult, ExportResultCode, parseTraceParent } from '@opentelemetry/core'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { discard, type Egress } from '../egress.ts'
import type { Log } from '../log.ts'

/** Identity of a span, to be the parent of others. */
export type TraceParent = SpanContext

export interface CallSpan {
  /** Operation of the gen_ai conventions: `chat`, `embeddings`, or Bastide's own task name. */
  operation: string
  model: string
  /** Milliseconds since the epoch. */
  startedAt: number
  durationMs: number
  parent: TraceParent | null
  attributes: Attributes
  error: { code: string; message: string } | null
}

export interface RequestSpan {
  readonly parent: TraceParent
  end(status: number): void
}

export interface Traces {
  /** Starts the span of an HTTP request; `traceparent` is the caller's header, if it sent one. */
  request(method: string, route: string, requestId: string, traceparent: string | null): RequestSpan
  call(span: CallSpan): void
  /** Sends what is waiting. */
  close(): Promise<void>
}

export interface TracesOptions {
  /** Base address of the collector, e.g. http://10.0.0.7:4318, or its full traces address. */
  url: string
  egress: Egress
  version: string
  log: Log
}

export function createTraces({ url, egress, version, log }: TracesOptions): Traces {
  const exporter = createExporter(tracesAddress(url), egress, log)
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'bastide', 'service.version': version }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1_000 })],
  })
  const tracer = provider.getTracer('bastide', version)
  const inside = (parent: SpanContext | null) =>
    parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT

  return {
    request(method, route, requestId, traceparent) {
      const caller = traceparent === null ? null : parseTraceParent(traceparent)
      const span = tracer.startSpan(
        `${method} ${route}`,
        {
          kind: SpanKind.SERVER,
          attributes: {
            'http.request.method': method,
            'http.route': route,
            'bastide.request.id': requestId,
          },
        },
        inside(caller),
      )
      return {
        parent: span.spanContext(),
        end(status) {
          span.setAttribute('http.response.status_code', status)
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
          span.end()
        },
      }
    },
    call({ operation, model, startedAt, durationMs, parent, attributes, error }) {
      const span = tracer.startSpan(
        `${operation} ${model}`,
        {
          kind: SpanKind.INTERNAL,
          startTime: startedAt,
          attributes: {
            'gen_ai.operation.name': operation,
            'gen_ai.provider.name': 'bastide',
            'gen_ai.request.model': model,
            ...attributes,
          },
        },
        inside(parent),
      )
      if (error) {
        span.setAttribute('error.type', error.code)
        span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
      }
      span.end(startedAt + durationMs)
    },
    close: () => provider.shutdown(),
  }
}

/** OTLP over HTTP posts traces to /v1/traces below the collector's base address. */
function tracesAddress(url: string): string {
  return url.endsWith('/v1/traces') ? url : `${url.replace(/\/+$/, '')}/v1/traces`
}

function createExporter(url: string, egress: Egress, log: Log): SpanExporter {
  let lastFailure = ''
  async function send(spans: ReadableSpan[]): Promise<ExportResult> {
    const body = JsonTraceSerializer.serializeRequest(spans)
    if (!body) return { code: ExportResultCode.SUCCESS }
    try {
      const response = await egress.fetch(url, {
        purpose: 'traces',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(10_000),
      })
      discard(response)
      if (!response.ok) throw new Error(`the collector answered ${response.status}`)
      lastFailure = ''
      return { code: ExportResultCode.SUCCESS }
    } catch (error) {
      // Traces are a hint beside the ledger, which has everything; the same failure is logged once.
      const reason = error instanceof Error ? error.message : String(error)
      if (reason !== lastFailure) log.warn({ err: error, url }, 'traces could not be sent')
      lastFailure = reason
      return { code: ExportResultCode.FAILED }
    }
  }
  return {
    export(spans, done) {
      void send(spans).then(done)
    },
    shutdown: async () => {},
  }
}
