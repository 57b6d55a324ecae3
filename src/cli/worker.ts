/** `bastide worker`: durable jobs on another machine, from the same PostgreSQL. */
import { loadConfig } from '../config.ts'
import { AppError } from '../errors.ts'
import { createLog } from '../log.ts'
import { printJson, printLine } from './print.ts'

export async function worker(options: { data?: string; json?: boolean }): Promise<void> {
  const config = loadConfig(options.data ? { dataFolder: options.data } : {})
  if (!config.databaseUrl) {
    throw new AppError(
      'invalid_request',
      'A worker shares a PostgreSQL server with the others: set DATABASE_URL, and BASTIDE_MASTER_KEY to theirs. The embedded database belongs to the server alone, which works on its jobs itself.',
    )
  }
  const log = createLog(config.logLevel)
  const { assembleProgram } = await import('../program.ts')
  const program = await assembleProgram(config, log)
  await program.startWorkers({ imports: false })
  if (options.json) printJson({ working: true, pid: process.pid })
  else printLine('Taking jobs. Stop with Ctrl-C.')
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  await program.close()
}
