/**
 * Every setting of the program, and the only file that reads the environment. A setting is the
 * environment variable named here; `./bastide config` prints the effective values and their origin.
 */
import { cpus, totalmem } from 'node:os'
import { resolve } from 'node:path'
import { z } from 'zod'
import { AppError } from './errors.ts'

const port = z.coerce.number().int().min(0).max(65535)
const positive = z.coerce.number().positive()
const count = z.coerce.number().int().min(1)

/** Setting -> environment variable, default, and why one would change it. */
const settings = {
  dataFolder: {
    variable: 'BASTIDE_DATA',
    schema: z.string().min(1).default('.bastide'),
    why: 'where the database, blobs, models and keys lie',
  },
  host: {
    variable: 'BASTIDE_HOST',
    schema: z.string().min(1).default('127.0.0.1'),
    why: 'address to listen on; 0.0.0.0 to serve other machines, behind TLS',
  },
  port: { variable: 'BASTIDE_PORT', schema: port.default(8080), why: 'port to listen on' },
  allowedHosts: {
    variable: 'BASTIDE_ALLOWED_HOSTS',
    schema: z.string().default(''),
    why: 'comma-separated Host names under which users reach the server, besides localhost',
  },
  publicUrl: {
    variable: 'BASTIDE_PUBLIC_URL',
    schema: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).default(''),
    why: 'address users reach the server by where a proxy stands in front, such as https://ai.example.eu',
  },
  databaseUrl: {
    variable: 'DATABASE_URL',
    schema: z.union([z.literal(''), z.string().regex(/^postgres(ql)?:\/\//)]).default(''),
    why: 'a PostgreSQL server, when one machine is outgrown; empty: embedded',
  },
  databasePoolSize: {
    variable: 'BASTIDE_DATABASE_POOL',
    schema: count.max(200).default(8),
    why: 'connections to the database',
  },
  blobsUrl: {
    variable: 'BLOBS_URL',
    schema: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).default(''),
    why: 'a bucket of an S3-compatible store, as https://host:port/bucket; empty: the data folder',
  },
  blobsAccessKeyId: {
    variable: 'BLOBS_ACCESS_KEY_ID',
    schema: z.string().default(''),
    why: 'who Bastide is to that store',
  },
  blobsSecretAccessKey: {
    variable: 'BLOBS_SECRET_ACCESS_KEY',
    schema: z.string().default(''),
    why: 'the secret that goes with it',
    secret: true,
  },
  blobsRegion: {
    variable: 'BLOBS_REGION',
    schema: z.string().min(1).default('eu-central-1'),
    why: 'the region that store expects in signatures; many expect any',
  },
  masterKey: {
    variable: 'BASTIDE_MASTER_KEY',
    schema: z.string().default(''),
    why: 'base64 of 32 bytes that wrap every data key; empty: the file master.key in the data folder',
    secret: true,
  },
  logLevel: {
    variable: 'BASTIDE_LOG_LEVEL',
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
    why: 'how much is logged',
  },
  bodyLimitMegabytes: {
    variable: 'BASTIDE_BODY_LIMIT_MB',
    schema: positive.default(32),
    why: 'largest JSON body',
  },
  fileLimitMegabytes: {
    variable: 'BASTIDE_FILE_LIMIT_MB',
    schema: positive.default(512),
    why: 'largest uploaded file',
  },
  engineMemoryMegabytes: {
    variable: 'BASTIDE_ENGINE_MEMORY_MB',
    schema: positive.default(Math.round((totalmem() / 2 ** 20) * 0.6)),
    why: 'memory that loaded models may take together; default 60 % of the machine',
  },
  llamaSequences: {
    variable: 'BASTIDE_LLAMA_SEQUENCES',
    schema: count.max(256).default(16),
    why: 'requests one language model serves at once',
  },
  llamaThreads: {
    variable: 'BASTIDE_LLAMA_THREADS',
    schema: count.default(Math.max(1, cpus().length)),
    why: 'CPU threads of a language model',
  },
  gpu: {
    variable: 'BASTIDE_GPU',
    schema: z.enum(['off', 'auto']).default('off'),
    why: 'auto: use a GPU where the optional builds are installed',
  },
  readProcesses: {
    variable: 'BASTIDE_READ_PROCESSES',
    schema: count.default(Math.max(1, cpus().length)),
    why: 'processes that read pages',
  },
  engineIdleSeconds: {
    variable: 'BASTIDE_ENGINE_IDLE_SECONDS',
    schema: positive.default(300),
    why: 'how long an unused reader process is kept',
  },
  queueLengthMax: {
    variable: 'BASTIDE_QUEUE_LENGTH',
    schema: count.default(512),
    why: 'calls that may wait for one model before new ones get 429',
  },
  callTimeoutSeconds: {
    variable: 'BASTIDE_CALL_TIMEOUT_SECONDS',
    schema: positive.default(600),
    why: 'longest a call may take, waiting included',
  },
  jobConcurrency: {
    variable: 'BASTIDE_JOB_CONCURRENCY',
    schema: count.max(64).default(2),
    why: 'durable jobs that run at once in one process',
  },
  importPolicy: {
    variable: 'BASTIDE_IMPORT_POLICY',
    schema: z.enum(['unsigned-allowed', 'own-only', 'listed-signers']).default('unsigned-allowed'),
    why: 'which signatures a model needs to be loaded',
  },
  allowedLicences: {
    variable: 'BASTIDE_ALLOWED_LICENCES',
    schema: z.string().default('*'),
    why: 'comma-separated SPDX identifiers a loaded model may have; * for any',
  },
  allowedOrigins: {
    variable: 'BASTIDE_ALLOWED_ORIGINS',
    schema: z.string().default('*'),
    why: 'comma-separated countries (ISO 3166) a loaded model may come from; * for any',
  },
  allowedFormats: {
    variable: 'BASTIDE_ALLOWED_FORMATS',
    schema: z.string().default('*'),
    why: 'comma-separated formats a loaded model may have (gguf, onnx, safetensors, other); * for any',
  },
  powerWattsPerCore: {
    variable: 'BASTIDE_POWER_WATTS_PER_CORE',
    schema: z.coerce.number().min(0).default(0),
    why: 'watts of one busy hardware thread, measured by you; 0: from the named CPU model',
  },
  eurosPerKwh: {
    variable: 'BASTIDE_EUROS_PER_KWH',
    schema: z.coerce.number().min(0).default(0.2),
    why: 'what a kilowatt-hour costs you',
  },
  gramsCo2ePerKwh: {
    variable: 'BASTIDE_GRAMS_CO2E_PER_KWH',
    schema: z.coerce.number().min(0).default(250),
    why: 'carbon intensity of your electricity; the default is a round figure, not your grid',
  },
  anchorFolder: {
    variable: 'BASTIDE_ANCHOR_FOLDER',
    schema: z.string().default(''),
    why: 'folder, best on a share that allows no changes, to which checkpoints of the audit chain are written',
  },
  timestampUrl: {
    variable: 'BASTIDE_TIMESTAMP_URL',
    schema: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).default(''),
    why: 'time-stamping authority (RFC 3161) for checkpoints of the audit chain; also needs an egress rule',
  },
  anchorMinutes: {
    variable: 'BASTIDE_ANCHOR_MINUTES',
    schema: positive.default(60),
    why: 'how often checkpoints are written there and time-stamped, where there is something new',
  },
  traceUrl: {
    variable: 'BASTIDE_TRACE_URL',
    schema: z.union([z.literal(''), z.url()]).default(''),
    why: 'OTLP/HTTP endpoint for traces; also needs an egress rule',
  },
} as const

type Settings = typeof settings
type Setting = keyof Settings
export type Config = { readonly [K in Setting]: z.infer<Settings[K]['schema']> } & {
  /** Absolute path of the data folder. */
  readonly dataFolder: string
}

export interface ConfigLine {
  setting: string
  variable: string
  value: string
  origin: 'default' | 'environment' | 'command line'
  why: string
}

/** Reads all settings; `overrides` are the command line's. Names the variable that is wrong. */
export function loadConfig(
  overrides: Partial<Record<Setting, string | number>> = {},
  environment: NodeJS.ProcessEnv = process.env,
): Config {
  const values: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(settings)) {
    const raw = overrides[name as Setting] ?? (environment[setting.variable] || undefined)
    const parsed = setting.schema.safeParse(raw)
    if (!parsed.success) {
      const reason = parsed.error.issues.map((issue) => issue.message).join('; ')
      throw new AppError(
        'invalid_request',
        `Setting ${setting.variable} is "${raw}": ${reason}. It says ${setting.why}.`,
      )
    }
    values[name] = parsed.data
  }
  return Object.freeze({ ...(values as Config), dataFolder: resolve(String(values.dataFolder)) })
}

/** The effective settings, for people; secrets are shown as set or not set. */
export function describeConfig(
  overrides: Partial<Record<Setting, string | number>> = {},
  environment: NodeJS.ProcessEnv = process.env,
): ConfigLine[] {
  const config = loadConfig(overrides, environment) as unknown as Record<string, unknown>
  return Object.entries(settings).map(([name, setting]) => {
    const fromCommandLine = overrides[name as Setting] !== undefined
    const origin = fromCommandLine
      ? 'command line'
      : environment[setting.variable]
        ? 'environment'
        : 'default'
    const shown = 'secret' in setting ? (config[name] ? '(set)' : '') : String(config[name])
    const value = name === 'databaseUrl' ? shown.replace(/:[^:@/]*@/, ':***@') : shown
    return { setting: name, variable: setting.variable, value, origin, why: setting.why }
  })
}

/** Where the command line finds a running server when told by the environment. */
export function clientEnvironment(environment: NodeJS.ProcessEnv = process.env) {
  return { url: environment.BASTIDE_URL || undefined, key: environment.BASTIDE_KEY || undefined }
}
