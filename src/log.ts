/** JSON logs on standard error, one line an event; standard output belongs to the command line. */
import { destination, type Logger, pino } from 'pino'

export type Log = Logger

/** Fields that may carry a credential; pino replaces them before anything is written. */
const redactedPaths = [
  'authorization',
  'key',
  'apiKey',
  'headers.authorization',
  'headers.cookie',
  'headers["x-api-key"]',
]

export function createLog(level: string): Log {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths, censor: '[redacted]' },
    },
    destination({ fd: 2, sync: true }),
  )
}
