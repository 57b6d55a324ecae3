/** The program for a test, set up on an embedded database in a folder that goes with it; nothing listens. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Scope } from './access/scope.ts'
import { loadConfig } from './config.ts'
import { setUp } from './installation.ts'
import { createLog } from './log.ts'
import { assembleProgram, type Program } from './program.ts'

export interface TestProgram extends AsyncDisposable {
  program: Program
  folder: string
  /** Of the first owner key. */
  owner: Scope
}

export async function openTestProgram(): Promise<TestProgram> {
  const folder = mkdtempSync(join(tmpdir(), 'bastide-test-'))
  const config = loadConfig({ dataFolder: folder, databaseUrl: '' })
  const program = await assembleProgram(config, createLog('silent'))
  const secret = (await setUp(program)).adminKey!
  return {
    program,
    folder,
    owner: await program.authenticator.authenticate({ kind: 'key', secret }),
    async [Symbol.asyncDispose]() {
      await program.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
