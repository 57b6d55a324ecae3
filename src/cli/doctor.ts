/** `bastide doctor`: checks that need no running server, and asks the server if there is one. */
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { choosePowerModel } from '../compute/power/model.ts'
import { type Config, loadConfig } from '../config.ts'
import { createEgress } from '../egress.ts'
import { describeIsolation, isolation } from '../engines/sandbox/isolation.ts'
import { newId } from '../ids.ts'
import { dataFolderOwner } from '../store/data-folder.ts'
import { openStores, storeRules } from '../store/objects/stores.ts'
import type { ClientOptions } from './client.ts'
import { setExitCode } from './command-line.ts'
import { printJson, printLine } from './print.ts'

interface Finding {
  check: string
  state: 'ok' | 'warning' | 'problem'
  detail: string
}

const freeBytesWanted = 2 * 2 ** 30

export async function doctor(options: ClientOptions): Promise<void> {
  const config = loadConfig(options.data ? { dataFolder: options.data } : {})
  const folder = config.dataFolder
  const findings = [
    machine(),
    writable(folder),
    freeSpace(folder),
    masterKey(folder, config.masterKey !== ''),
    ...(config.blobsUrl ? [await blobStore(config)] : []),
    console_(),
    engineProcesses(),
    { check: 'power', state: 'ok', detail: choosePowerModel(config.powerWattsPerCore).detail },
    await server(folder),
  ] satisfies Finding[] as Finding[]
  if (findings.some((one) => one.state === 'problem')) setExitCode(1)
  if (options.json) return printJson(findings)
  const marks = { ok: 'ok      ', warning: 'warning ', problem: 'PROBLEM ' }
  for (const { check, state, detail } of findings) printLine(`${marks[state]} ${check}: ${detail}`)
}

function machine(): Finding {
  const gigabytes = (totalmem() / 2 ** 30).toFixed(1)
  const detail = `Node ${process.versions.node}, ${cpus().length} cores, ${gigabytes} GB, ${process.platform}-${process.arch}`
  return { check: 'machine', state: 'ok', detail }
}

function writable(folder: string): Finding {
  const check = 'data folder'
  if (!existsSync(folder)) return { check, state: 'ok', detail: `${folder} will be made` }
  try {
    accessSync(folder, constants.R_OK | constants.W_OK)
  } catch {
    // The finding is the report; there is nobody else to tell.
    return { check, state: 'problem', detail: `${folder} cannot be written; fix its owner or mode` }
  }
  const open = (statSync(folder).mode & 0o077) !== 0
  return open
    ? { check, state: 'warning', detail: `${folder} is open to other users; chmod 700 it` }
    : { check, state: 'ok', detail: folder }
}

function freeSpace(folder: string): Finding {
  const check = 'free space'
  const existing = existsSync(folder) ? folder : process.cwd()
  const { bavail, bsize } = statfsSync(existing)
  const gigabytes = ((bavail * bsize) / 2 ** 30).toFixed(1)
  return bavail * bsize < freeBytesWanted
    ? { check, state: 'warning', detail: `only ${gigabytes} GB free; models and blobs need room` }
    : { check, state: 'ok', detail: `${gigabytes} GB` }
}

function masterKey(folder: string, fromEnvironment: boolean): Finding {
  const check = 'master key'
  if (fromEnvironment) return { check, state: 'ok', detail: 'from BASTIDE_MASTER_KEY' }
  const path = join(folder, 'master.key')
  if (!existsSync(path)) return { check, state: 'ok', detail: 'will be made at first start' }
  const open = (statSync(path).mode & 0o077) !== 0
  return open
    ? { check, state: 'problem', detail: `${path} can be read by other users; chmod 600 it` }
    : { check, state: 'ok', detail: `${path}; back it up apart from the data` }
}

/** Puts an object, reads it and removes it, as the server will. */
async function blobStore(config: Config): Promise<Finding> {
  const check = 'blob store'
  const egress = createEgress({ rules: () => storeRules(config), record: () => {} })
  const folder = mkdtempSync(join(tmpdir(), 'bastide-doctor-'))
  const file = join(folder, 'probe')
  writeFileSync(file, 'probe')
  const name = `doctor/${newId('probe')}`
  try {
    const { blobs } = openStores(config, egress)
    await blobs.put(name, file)
    await buffer(await blobs.read(name))
    await blobs.remove(name)
    return { check, state: 'ok', detail: `${config.blobsUrl} takes, gives and removes objects` }
  } catch (error) {
    // The finding is the report.
    return { check, state: 'problem', detail: (error as Error).message }
  } finally {
    await egress.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function console_(): Finding {
  const built = existsSync(new URL('../../web/dist/index.html', import.meta.url))
  const detail = built ? 'built' : 'not built; ./bastide up builds it'
  return { check: 'console', state: built ? 'ok' : 'warning', detail }
}

/** How the processes that meet hostile files are kept apart, found by trying. */
function engineProcesses(): Finding {
  const way = isolation()
  const state = way === 'bubblewrap' ? 'ok' : 'warning'
  return { check: 'engine processes', state, detail: describeIsolation(way) }
}

async function server(folder: string): Promise<Finding> {
  const check = 'server'
  const owner = dataFolderOwner(folder)
  if (!owner?.url) return { check, state: 'ok', detail: 'not running' }
  try {
    const response = await fetch(new URL('/health', owner.url))
    const { status } = (await response.json()) as { status: string }
    const state = status === 'ok' ? 'ok' : 'problem'
    return { check, state, detail: `${owner.url} says ${status} (process ${owner.pid})` }
  } catch {
    // The finding is the report.
    return {
      check,
      state: 'problem',
      detail: `process ${owner.pid} does not answer at ${owner.url}`,
    }
  }
}
