/** `bastide stop`: ask the server of a data folder to end, and wait for it. */
import { AppError } from '../errors.ts'
import { dataFolderOwner } from '../store/data-folder.ts'
import { type ClientOptions, dataFolderOf } from './client.ts'
import { setExitCode } from './command-line.ts'
import { printJson, printLine } from './print.ts'

const patienceMs = 60_000
const pollMs = 50

export async function stop(options: ClientOptions): Promise<void> {
  const folder = dataFolderOf(options)
  const owner = dataFolderOwner(folder)
  if (!owner) {
    setExitCode(4)
    if (options.json) printJson({ stopped: false, reason: 'not running' })
    else printLine(`Nothing is running on ${folder}.`)
    return
  }
  process.kill(owner.pid, 'SIGTERM')
  const until = Date.now() + patienceMs
  while (dataFolderOwner(folder)?.pid === owner.pid) {
    if (Date.now() > until) {
      throw new AppError(
        'timeout',
        `Process ${owner.pid} did not end within ${patienceMs / 1000} s. It may be finishing long work; kill -9 loses nothing that was acknowledged.`,
      )
    }
    await new Promise((resume) => setTimeout(resume, pollMs))
  }
  if (options.json) printJson({ stopped: true, pid: owner.pid })
  else printLine(`Stopped process ${owner.pid}.`)
}
